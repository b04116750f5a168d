import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_model.errors import AnswersError, ModelUnavailableError, TrainingError
from dtc_model.settings import TrainingSettings
from dtc_model.training import train_models
from fakes.waiting import assert_once_within, seconds_of
from mlflow import MlflowClient
from mlflow.entities import Run

pytestmark = pytest.mark.integration

Train = Callable[..., dict[str, Any]]

PNG_HEADER = b"\x89PNG"


def runs_of(client: MlflowClient, catalogue: Catalogue) -> list[Run]:
    experiment = client.get_experiment_by_name(catalogue.registered_model)
    return list(client.search_runs([experiment.experiment_id])) if experiment else []


def test_a_sweep_leaves_one_parent_run_and_a_nested_run_for_each_k(
    train: Train, client: MlflowClient, own_catalogue: Catalogue
) -> None:
    sweep = train(k_max=10)
    runs = {run.info.run_id: run for run in runs_of(client, own_catalogue)}
    parent = runs.pop(sweep["parent_run_id"])
    assert {run.info.status for run in [parent, *runs.values()]} == {"FINISHED"}
    assert {run.data.tags["mlflow.parentRunId"] for run in runs.values()} == {sweep["parent_run_id"]}
    assert [entry["k"] for entry in sweep["entries"]] == list(range(2, 11))
    assert {entry["run_id"] for entry in sweep["entries"]} == set(runs)
    for entry in sweep["entries"]:
        run = runs[entry["run_id"]]
        assert run.data.metrics == {name: value for name, value in entry.items() if name not in {"k", "run_id"}}
        assert set(run.data.metrics) == {
            "silhouette",
            "inertia",
            "silhouette_inertia_ratio",
            "calinski_harabasz",
            "davies_bouldin",
            "stability",
            "smallest_share",
            "changed_share",
        }
        assert run.data.params == {
            "k": str(entry["k"]),
            "seed": "42",
            "n_init": "10",
            "bootstraps": "20",
            "scaling": "none",
            "n_units": "500",
            "features": ", ".join(own_catalogue.feature_names),
        }


def test_the_sweep_is_a_plain_document_that_names_its_best_run(train: Train, client: MlflowClient) -> None:
    sweep = train()
    assert json.loads(json.dumps(sweep)) == sweep
    assert (sweep["best_k"], sweep["wave"], sweep["n_units"]) == (3, "2025-03", 500)
    best = max(sweep["entries"], key=lambda entry: entry["silhouette_inertia_ratio"])
    assert (best["k"], best["run_id"]) == (sweep["best_k"], sweep["best_run_id"])
    parent = client.get_run(sweep["parent_run_id"])
    assert parent.data.metrics["best_k"] == 3
    assert parent.data.metrics["silhouette"] == best["silhouette"]


def test_each_k_tells_how_stable_it_is_and_how_many_would_change_segment(train: Train) -> None:
    by_k = {entry["k"]: entry for entry in train()["entries"]}
    assert by_k[3]["stability"] > 0.9
    assert by_k[4]["stability"] < 0.75  # a persona cut in two does not come back
    assert by_k[3]["changed_share"] < 0.02  # while nothing is in production the catalogue counts
    assert by_k[2]["changed_share"] == pytest.approx(1 / 3, abs=0.05)
    assert by_k[3]["smallest_share"] == pytest.approx(1 / 3, abs=0.02)


def test_the_candidate_has_the_catalogue_s_number_of_segments_also_outside_of_the_range_tried(train: Train) -> None:
    sweep = train(k_max=2)
    assert (sweep["candidate_k"], [entry["k"] for entry in sweep["entries"]]) == (3, [2, 3])


def test_a_person_may_ask_for_another_number_of_clusters(train: Train, client: MlflowClient) -> None:
    sweep = train(k=2)
    assert (sweep["candidate_k"], sweep["best_k"]) == (2, 3)
    metrics = client.get_run(sweep["parent_run_id"]).data.metrics
    assert (metrics["candidate_k"], metrics["best_k"]) == (2, 3)


def test_every_run_names_the_wave_and_the_digest_of_its_data(train: Train, client: MlflowClient) -> None:
    sweep, same, other = train(), train(), train(seed=1)

    def datasets(document: dict[str, Any]) -> set[tuple[str, str]]:
        run_ids = [document["parent_run_id"], *(entry["run_id"] for entry in document["entries"])]
        inputs = [client.get_run(run_id).inputs.dataset_inputs for run_id in run_ids]
        assert [len(found) for found in inputs] == [1] * len(run_ids)
        assert {tag.value for found in inputs for tag in found[0].tags if tag.key == "wave"} == {"2025-03"}
        return {(found[0].dataset.name, found[0].dataset.digest) for found in inputs}

    assert len(datasets(sweep)) == 1
    assert "2025-03" in next(iter(datasets(sweep)))[0]
    assert datasets(same) == datasets(sweep)
    assert datasets(other) != datasets(sweep)


def test_centroids_and_pictures_are_kept_as_artifacts(
    train: Train, client: MlflowClient, own_catalogue: Catalogue, tmp_path: Path
) -> None:
    sweep = train()
    for entry in sweep["entries"]:
        path = client.download_artifacts(entry["run_id"], "centroids.json", str(tmp_path))
        document = json.loads(Path(path).read_text())
        assert document["features"] == list(own_catalogue.feature_names)
        assert np.array(document["centroids"]).shape == (entry["k"], len(own_catalogue.features))
        assert len(document["stabilities"]) == entry["k"]
        assert min(document["stabilities"]) == entry["stability"]
        assert sum(document["shares"]) == pytest.approx(1)
    pictures = {found.path for found in client.list_artifacts(sweep["parent_run_id"], "pictures")}
    assert pictures == {"pictures/sweep.png", "pictures/respondents.png", "pictures/centroids.png"}
    for picture in pictures:
        path = client.download_artifacts(sweep["parent_run_id"], picture, str(tmp_path))
        assert Path(path).read_bytes().startswith(PNG_HEADER)


def test_a_whole_sweep_takes_seconds(train: Train) -> None:
    train(k_max=2)  # loads matplotlib's fonts
    assert_once_within(20, lambda: seconds_of(lambda: train(k_max=10)), attempts=3)


def test_progress_is_told_in_a_line_per_k(train: Train) -> None:
    lines: list[str] = []
    train(report_progress=lines.append)
    assert [line.split(":")[0] for line in lines] == ["k = 2", "k = 3", "k = 4"]
    assert all("silhouette" in line and "ratio" in line for line in lines)


def test_a_sweep_that_breaks_off_leaves_a_failed_run(
    train: Train, client: MlflowClient, own_catalogue: Catalogue
) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(report_progress=interrupt)
    assert [run.info.status for run in runs_of(client, own_catalogue)] == ["FAILED"]


def test_a_wave_with_too_few_units_fails_and_so_does_its_run(
    mlflow_uri: str, client: MlflowClient, own_catalogue: Catalogue
) -> None:
    frame = pd.DataFrame(own_catalogue.centroids, columns=list(own_catalogue.feature_names))
    with pytest.raises(TrainingError, match="too few for the candidate's k = 3"):
        train_models(frame, own_catalogue, wave="2025-03", tracking_uri=mlflow_uri, settings=TrainingSettings())
    assert [run.info.status for run in runs_of(client, own_catalogue)] == ["FAILED"]


def test_the_frame_is_neither_changed_nor_expected_in_an_order(mlflow_uri: str, own_catalogue: Catalogue) -> None:
    names = list(own_catalogue.feature_names)
    rng = np.random.default_rng(1)
    answers = rng.normal(size=(60, len(names))) + np.repeat(own_catalogue.centroids, 20, axis=0)
    frame = pd.DataFrame(answers, columns=names).assign(unit_id=[f"C{n}" for n in range(60)], segment=None)
    turned = frame[frame.columns[::-1]]
    before = turned.copy(deep=True)
    settings = TrainingSettings(k_min=2, k_max=3)
    sweeps = [
        train_models(given, own_catalogue, wave="2025-03", tracking_uri=mlflow_uri, settings=settings)
        for given in (frame, turned)
    ]
    pd.testing.assert_frame_equal(turned, before)
    figures = [[{**entry, "run_id": None} for entry in sweep["entries"]] for sweep in sweeps]
    assert figures[0] == figures[1]


@pytest.mark.parametrize(
    "change", [lambda f: f.drop(columns="x4"), lambda f: f.assign(x4="a"), lambda f: f.assign(x4=np.nan)]
)
def test_units_that_cannot_be_trained_on_are_refused_by_feature(
    mlflow_uri: str, own_catalogue: Catalogue, change: Any
) -> None:
    frame = pd.DataFrame(np.zeros((50, 10)), columns=list(own_catalogue.feature_names))
    with pytest.raises(AnswersError, match=r"x4|'a'"):
        train_models(change(frame), own_catalogue, wave="2025-03", tracking_uri=mlflow_uri, settings=TrainingSettings())


def test_a_server_that_is_not_there_is_said_at_once(own_catalogue: Catalogue) -> None:
    frame = pd.DataFrame(np.zeros((50, 10)), columns=list(own_catalogue.feature_names))

    def train_in_vain() -> None:
        with pytest.raises(ModelUnavailableError, match="MLFLOW_TRACKING_URI"):
            train_models(
                frame, own_catalogue, wave="2025-03", tracking_uri="http://127.0.0.1:1", settings=TrainingSettings()
            )

    assert_once_within(5, lambda: seconds_of(train_in_vain))
