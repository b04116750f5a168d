"""Mage's project: its blocks stay thin, and Mage works on a copy."""

import ast
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from dtc_data import Catalogue
from dtc_data.catalogue import Segmentation
from dtc_stack.mage import PIPELINE as PERSONA_PIPELINE
from dtc_stack.mage import lay_out, pipeline_of
from dtc_stack.mage.project import SOURCE

PIPELINE = SOURCE / "pipelines" / PERSONA_PIPELINE
PIPELINES = sorted(path.parent for path in SOURCE.glob("pipelines/*/metadata.yaml"))
BLOCKS = sorted(path for path in SOURCE.rglob("*.py") if path.parent.parent == SOURCE)
OF_SUBJECTS = {"customer_value_pipeline": "make_customer_waves", "store_segmentation_pipeline": "make_store_waves"}
"""Pipelines of subjects, each with the block that makes its waves."""
KINDS = {"data_loaders": "data_loader", "transformers": "transformer", "custom": "custom", "conditionals": "condition"}


def load(path: Path) -> Any:
    """Load a block as Mage does, with its decorator at hand."""
    return runpy.run_path(str(path), init_globals={KINDS[path.parent.name]: lambda block: block})[path.stem]


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: path.stem)
def test_a_block_is_thin_and_does_nothing_when_it_is_loaded(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 25
    statements = [type(node).__name__ for node in ast.parse(text).body]
    assert statements == ["Expr", "If", "FunctionDef"], "a docstring, the guarded import and one function"


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: path.stem)
def test_a_block_loads_without_mage(path: Path) -> None:
    assert callable(load(path))


@pytest.mark.parametrize(("status", "drift"), [("drift", True), ("mix_shift", False), ("stable", False)])
def test_exactly_one_branch_runs(status: str, *, drift: bool) -> None:
    verdict = {"status": status}
    assert load(SOURCE / "conditionals" / "drift_found.py")(verdict) is drift
    assert load(SOURCE / "conditionals" / "no_drift_found.py")(verdict) is not drift


@pytest.mark.parametrize(
    ("status", "broken"), [("kept", False), ("worse", True), ("miscalibrated", True), ("untrained", True)]
)
def test_a_forecast_is_trained_again_exactly_when_it_did_not_keep_its_promise(status: str, *, broken: bool) -> None:
    outcome = {"status": status}
    assert load(SOURCE / "conditionals" / "forecast_broken.py")(outcome) is broken
    assert load(SOURCE / "conditionals" / "forecast_kept.py")(outcome) is not broken


@pytest.mark.parametrize("name", ["drift_found", "no_drift_found", "forecast_broken", "forecast_kept"])
def test_conditionals_raise_on_anything_but_a_verdict(name: str) -> None:
    conditional = load(SOURCE / "conditionals" / f"{name}.py")
    with pytest.raises(KeyError, match="status"):
        conditional({})
    with pytest.raises(TypeError, match="NoneType"):
        conditional(None)


def test_the_pipelines_name_every_block_file_and_no_other() -> None:
    pipelines = [yaml.safe_load((path / "metadata.yaml").read_text()) for path in PIPELINES]
    named = {block["uuid"] for pipeline in pipelines for block in [*pipeline["blocks"], *pipeline["conditionals"]]}
    files = {path.stem for path in SOURCE.rglob("*") if path.suffix in {".py", ".sql"} and path.parent.parent == SOURCE}
    assert named == files


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.name)
def test_up_and_downstream_blocks_agree(pipeline: Path) -> None:
    blocks = {block["uuid"]: block for block in yaml.safe_load((pipeline / "metadata.yaml").read_text())["blocks"]}
    for name, block in blocks.items():
        assert {other for other in blocks if name in blocks[other]["upstream_blocks"]} == set(
            block["downstream_blocks"]
        )


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.name)
def test_no_trigger_token_is_in_the_project(pipeline: Path) -> None:
    triggers = yaml.safe_load((pipeline / "triggers.yaml").read_text())["triggers"]
    assert {trigger["token"] for trigger in triggers} == {None}
    assert {trigger["pipeline_uuid"] for trigger in triggers} == {pipeline.name}


def test_only_the_checks_of_all_segmentations_are_scheduled() -> None:
    scheduled = [
        path.name
        for path in PIPELINES
        for trigger in yaml.safe_load((path / "triggers.yaml").read_text())["triggers"]
        if (trigger["schedule_type"], trigger["status"]) == ("time", "active")
    ]
    assert scheduled == ["monthly_checks"]


def test_a_segmentation_has_the_pipeline_of_its_subject(tmp_path: Path, small_catalogue: Catalogue) -> None:
    by_files = Segmentation("any", tmp_path, small_catalogue, is_listed=True)
    own = Catalogue.model_validate(small_catalogue.model_dump(by_alias=True) | {"transactions": {"lookback_days": 180}})
    by_transactions = Segmentation("any", tmp_path, own, is_listed=True)
    assert pipeline_of(by_files) == PERSONA_PIPELINE
    assert pipeline_of(by_transactions) == "customer_value_pipeline"
    of_stores = Catalogue.model_validate(small_catalogue.model_dump(by_alias=True) | {"stores": {"quarters": 4}})
    by_stores = Segmentation("any", tmp_path, of_stores, is_listed=True)
    assert pipeline_of(by_stores) == "store_segmentation_pipeline"
    assert pipeline_of(by_transactions, tmp_path) == PERSONA_PIPELINE, "a project without a pipeline for it"


@pytest.mark.parametrize("pipeline", OF_SUBJECTS)
def test_pipelines_of_subjects_differ_in_the_block_that_makes_their_waves_alone(pipeline: str) -> None:
    names = (PERSONA_PIPELINE, pipeline)
    shared, own = (yaml.safe_load((SOURCE / "pipelines" / name / "metadata.yaml").read_text()) for name in names)
    first, second, *rest = own["blocks"]
    assert (first["uuid"], first["upstream_blocks"]) == (OF_SUBJECTS[pipeline], [])
    assert second | {"upstream_blocks": []} == shared["blocks"][0]
    assert second["upstream_blocks"] == [OF_SUBJECTS[pipeline]]
    assert rest == shared["blocks"][1:]
    assert own["conditionals"] == shared["conditionals"]


def test_the_copy_is_new_each_time_and_remembers_the_first_start(tmp_path: Path) -> None:
    first = lay_out(tmp_path / "persona_project")
    (first / "left_by_mage.json").write_text("{}")
    triggers = (first / PIPELINE.relative_to(SOURCE) / "triggers.yaml").read_text()
    second = lay_out(tmp_path / "persona_project")
    assert not (second / "left_by_mage.json").exists()
    assert (second / PIPELINE.relative_to(SOURCE) / "triggers.yaml").read_text() == triggers
    assert all(trigger["last_enabled_at"] for trigger in yaml.safe_load(triggers)["triggers"])
