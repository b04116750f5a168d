"""What the main job came to, for people and for programs."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from dtc_data import Catalogue, Wave
from dtc_stack.jobs import as_document, show, tell, write
from dtc_stack.jobs.main_job import JobOutcome, WaveOutcome
from rich.console import Console

MARCH = Wave(2025, 3)
WHY = "Respondents lie further from their persona than before"
CANDIDATE = {
    "version": "2",
    "k": 3,
    "promoted": True,
    "reason": "",
    "silhouette": 0.4175,
    "silhouette_inertia_ratio": 0.00864,
}


@pytest.fixture
def outcome(catalogue: Catalogue) -> JobOutcome:
    names = catalogue.segment_names
    return JobOutcome(
        catalogue,
        Wave(2025, 1),
        [
            WaveOutcome(Wave(2025, 2), "stable", "nothing beyond chance", 0.0, (), trained=False),
            WaveOutcome(
                MARCH,
                "drift",
                WHY,
                0.5,
                ("x3", "x6"),
                trained=True,
                candidate=CANDIDATE,
                report_url="http://mlflow/get-artifact",
            ),
        ],
        production_version="2",
        shares={MARCH: dict(zip(names, (0.5, 0.3, 0.2), strict=True))},
        answered=[(names[0], names[0])],
    )


def test_brackets_in_names_are_no_markup(outcome: JobOutcome) -> None:
    names = ("[/] Bea", "[red]Theo[/red]", "Steve")
    segments = tuple(
        segment.model_copy(update={"name": name})
        for segment, name in zip(outcome.catalogue.segments, names, strict=True)
    )
    catalogue = outcome.catalogue.model_copy(update={"name": "[/b] survey", "segments": segments})
    shares = {MARCH: dict(zip(names, (0.5, 0.3, 0.2), strict=True))}
    console = Console(file=io.StringIO(), width=200)
    show(replace(outcome, catalogue=catalogue, shares=shares), {}, "login", console)
    text = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO has it
    assert all(name in text for name in (*names, "[/b] survey"))


def test_the_document_has_the_agreed_shape(outcome: JobOutcome) -> None:
    document = as_document(outcome, {"MLflow": "http://127.0.0.1:5050"})
    assert document["waves"]["2025-02"] == {
        "verdict": "stable", "why": "nothing beyond chance", "drifted_share": 0.0, "drifted_columns": [], "trained": False
    }  # fmt: skip
    march = document["waves"]["2025-03"]
    assert (march["verdict"], march["trained"], march["k"], march["version"]) == ("drift", True, 3, "2")
    assert document["production_version"] == "2"
    assert document["labels"]["2025-03"][outcome.catalogue.segment_names[0]] == 0.5


def test_the_document_is_written_whole(outcome: JobOutcome, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "last_run.json"
    write(as_document(outcome, {}), path)
    assert json.loads(path.read_text())["production_version"] == "2"
    assert [entry.name for entry in path.parent.iterdir()] == ["last_run.json"]


def test_a_reader_sees_verdicts_figures_shares_and_addresses(outcome: JobOutcome) -> None:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123 - the record is read
    show(outcome, {"Mage": "http://127.0.0.1:6789"}, "Mage login: owner", console)
    text = console.export_text()
    for part in ("2025-02", "No drift", WHY, "50% (x3, x6)", "k = 3", "0.417", "version 2, promoted", "50.0%"):
        assert part in text
    assert "http://127.0.0.1:6789" in text


def test_one_run_is_told_by_its_verdict_with_the_reason_what_was_done_and_where_to_read_on(outcome: JobOutcome) -> None:
    february, march = (tell(wave, outcome.reference_wave) for wave in outcome.waves)
    assert february == ["No drift in 2025-02 against 2025-01: nothing beyond chance.", "Nothing was trained."]
    assert march[0] == f"Drift in 2025-03 against 2025-01: {WHY}."
    assert march[1].endswith("became version 2, now in production.")
    assert march[2] == "Report: http://mlflow/get-artifact"


def test_a_model_that_was_in_production_anyway_is_told_as_such(outcome: JobOutcome) -> None:
    same = {"version": "1", "k": 3, "promoted": True, "decision": "in_production", "reason": "it is version 1"}
    march = replace(outcome.waves[1], candidate=same)  # the catalogue's version has no figures
    assert tell(march, outcome.reference_wave)[1] == "2025-03: it is version 1"
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123 - the record is read
    show(replace(outcome, waves=[march]), {}, "", console)
    assert "the same model as version 1, in production" in console.export_text()
    assert as_document(replace(outcome, waves=[march]), {})["waves"]["2025-03"]["promoted"] is True


def test_what_stands_beside_a_verdict_is_told_with_it(outcome: JobOutcome) -> None:
    words = "There is no wave of 2024-02 to compare with: a seasonal effect cannot be excluded."
    february = replace(outcome.waves[0], beside=(words,))
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123 - the record is read
    show(replace(outcome, waves=[february]), {}, "", console)
    assert tell(february, outcome.reference_wave)[1] == words
    assert f"2025-02: {words}" in console.export_text()
    assert as_document(replace(outcome, waves=[february]), {})["waves"]["2025-02"]["beside"] == [words]
