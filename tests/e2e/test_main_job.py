"""The main job on a whole stack: what `make run` promises. The tests share one stack and run in this order."""

import re
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import numpy as np
import psycopg2
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.surveys import write_survey_file
from dtc_data.synthetic import make_wave
from dtc_stack.mage import PIPELINE, MageClient
from dtc_stack.programs.orphan_processes import PROGRAM_MARK, STACK_MARK, marked
from dtc_stack.settings import PROJECT_FOLDER
from e2e.mage_runs import failure_told, mage, monthly_runs, runs_of
from e2e.stack_under_test import RunningStack
from fakes.catalogues import BIG_FIVE_CATALOGUE
from fakes.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3600)]


def schedules_of(client: MageClient, pipeline: str) -> list[dict[str, Any]]:
    """Return the triggers of a pipeline."""
    return list(client.ask("GET", f"/api/pipelines/{pipeline}/pipeline_schedules")["pipeline_schedules"])


def share_labelled_as_made(stack: RunningStack, catalogue: Catalogue) -> float:
    """Return the share of 10,000 fresh respondents who get the persona that they were made from."""
    random = np.random.default_rng(20251120)
    truth = random.integers(len(catalogue.segments), size=10_000)
    answers = catalogue.centroids[truth] + random.normal(scale=2.0, size=(10_000, len(catalogue.features)))
    labels = httpx.post(f"{stack.service_url}/predict", json=answers.tolist(), timeout=60).json()["labels"]
    return float(np.mean(np.array(labels) == np.array(catalogue.segment_ids)[truth]))


def test_only_march_drifts_and_its_model_goes_into_production(stack: RunningStack) -> None:
    waves = stack.outcome()["waves"]
    assert {wave: entry["verdict"] for wave, entry in waves.items()} == {
        "2025-02": "stable",
        "2025-03": "drift",
        "2025-04": "stable",
    }
    assert {wave for wave, entry in waves.items() if entry["trained"]} == {"2025-03"}
    assert (waves["2025-03"]["k"], waves["2025-03"]["version"]) == (3, "2")
    assert stack.outcome()["production_version"] == "2"


def test_the_labelled_months_show_every_segment_by_name(stack: RunningStack, catalogue: Catalogue) -> None:
    labels = stack.outcome()["labels"]
    assert list(labels) == ["2025-02", "2025-03", "2025-04", "2025-05"]
    for shares in labels.values():
        assert tuple(shares) == catalogue.segment_names
        assert sum(shares.values()) == pytest.approx(1)
        assert all(0.25 < share < 0.42 for share in shares.values())


def test_the_summary_tells_a_reader_the_same(stack: RunningStack, catalogue: Catalogue) -> None:
    for part in ("2025-03", "drift", "k = 3", "version 2", "MAGE_OWNER_PASSWORD in .env", *catalogue.segment_names):
        assert part in stack.output
    assert stack.settings["MAGE_OWNER_PASSWORD"] not in stack.output


def test_each_run_ended_in_one_alert_with_a_picture(stack: RunningStack) -> None:
    messages = stack.telegram.messages
    assert sum(message.photo is not None for message in messages) == 3
    # A text that is too long to stand under the picture follows it.
    february, march, april = (message.text for message in messages if "What was done" in message.text)
    assert "No drift" in february
    assert "2025-02" in february
    assert "No drift" in april
    for part in ("2025-03", "2025-01", "x3", "x6", "x7", "x8", "x9", "version 2"):
        assert part in march


def test_fresh_units_get_the_segment_that_they_were_made_from(stack: RunningStack, catalogue: Catalogue) -> None:
    assert share_labelled_as_made(stack, catalogue) >= 0.999


def test_status_finds_every_service_healthy(stack: RunningStack) -> None:
    result = stack.command("status")
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("healthy") == 5


def test_no_secret_is_in_the_logs(stack: RunningStack) -> None:
    logs = "".join(path.read_text(errors="replace") for path in (stack.folder / "state" / "logs").iterdir())
    secrets = [name for name in stack.settings if name.endswith(("PASSWORD", "SECRET", "TOKEN"))]
    assert len(secrets) >= 6
    assert [name for name in secrets if stack.settings[name] in logs] == []


def test_other_users_of_the_machine_read_no_answers(stack: RunningStack) -> None:
    state = stack.folder / "state"
    public = (
        state / "mage" / "persona_project",
        state / "postgres",
    )  # code as in the checkout; closed as a whole folder
    open_to_others = [
        path.relative_to(state)
        for path in state.rglob("*")
        if path.is_file() and path.stat().st_mode & 0o077 and not any(path.is_relative_to(folder) for folder in public)
    ]
    assert open_to_others == []
    assert (state / "postgres").stat().st_mode & 0o077 == 0


def test_no_role_may_enter_another_s_database(stack: RunningStack) -> None:
    settings = stack.settings
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        psycopg2.connect(
            host=settings["POSTGRES_HOST"],
            port=settings["POSTGRES_PORT"],
            user="mlflow",
            password=settings["MLFLOW_DB_PASSWORD"],
            dbname=settings["POSTGRES_DBNAME"],
        )


def test_a_wave_without_units_fails_the_run_by_name(stack: RunningStack) -> None:
    result = stack.command("pipeline", "--reference", "2025-01", "--current", "2025-09")
    assert result.returncode == 13
    assert "select_features" in result.stderr
    assert "current wave 2025-09" in result.stderr
    assert "select_features" in failure_told(stack, "2025-09")


def test_a_malformed_wave_fails_the_run_in_its_first_block(stack: RunningStack) -> None:
    result = stack.command("pipeline", "--reference", "2025-01", "--current", "2025-3")
    assert result.returncode == 13
    assert "'2025-3' is not a wave" in result.stderr
    assert "name_waves" in failure_told(stack, "'2025-3' is not a wave")


def test_a_catalogue_without_units_fails_the_run_in_its_first_block(stack: RunningStack) -> None:
    other = ("--segmentation", str(BIG_FIVE_CATALOGUE))
    result = stack.command("pipeline", "--reference", "2025-01", "--current", "2025-02", *other)
    assert result.returncode == 13
    assert "there is no table 'big_five'; ingest a survey file to make it" in result.stderr
    assert "Big Five" in failure_told(stack, "there is no table 'big_five'")


def test_the_monthly_trigger_is_active_and_has_started_nothing_yet(stack: RunningStack) -> None:
    with mage(stack) as client:
        monthly = {
            pipeline: next(found for found in schedules_of(client, pipeline) if found["name"] == "monthly")
            for pipeline in (PIPELINE, "monthly_checks")
        }
        runs = [*runs_of(client, PIPELINE), *runs_of(client, "monthly_checks")]
    assert {found["schedule_interval"] for found in monthly.values()} == {"@monthly"}
    assert {name: found["status"] for name, found in monthly.items()} == {
        PIPELINE: "inactive",
        "monthly_checks": "active",
    }
    assert {run["pipeline_schedule_name"] for run in runs} == {"on_demand"}


def test_labelling_again_changes_nothing(stack: RunningStack) -> None:
    result = stack.label("2025-04")
    assert result.returncode == 0, result.stderr
    assert stack.label("2025-04").stdout.count("0 of 500 respondents changed") == 1


def test_the_example_runs_beside_it(stack: RunningStack) -> None:
    result = stack.command("run-example")
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    outcome = stack.outcome("last_example_run.json")
    assert {wave: entry["verdict"] for wave, entry in outcome["waves"].items()} == {
        "2025-02": "stable",
        "2025-03": "stable",
        "2025-04": "stable",
    }
    assert list(outcome["labels"]) == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert all(sum(shares.values()) == pytest.approx(1) for shares in outcome["labels"].values())
    assert (
        httpx.get(f"{stack.service_url}/readyz", timeout=60).json()["model_version"] == "2"
    ), "the default model serves on"


@pytest.fixture(scope="session")
def tiny(stack: RunningStack, small_catalogue: Catalogue) -> Catalogue:
    """A segmentation that is added while the stack runs: a file in the folder, two waves, version 1."""
    own = small_catalogue.model_copy(update={"unit_table": "tiny", "registered_model": "tiny"})
    (stack.catalogues / "tiny.yaml").write_text(own.model_dump_json())
    for month, seed in ((1, 1), (2, 2)):
        units = make_wave(own, 200, 0.4, seed, Wave(2025, month), labelled=False)
        write_survey_file(units, own, stack.folder / "tiny.csv")
        ingest = str(PROJECT_FOLDER / "00_create_data" / "ingest.py")
        taken = stack.run(ingest, "tiny.csv", "--segmentation", "tiny")
        assert taken.returncode == 0, taken.stderr
        assert taken.stdout.endswith("\ntiny: 200 respondents inserted, 0 unchanged\n")
    begun = stack.run("-m", "dtc_model", "init", "--reference", "2025-01", "--segmentation", "tiny")
    assert (begun.returncode, begun.stdout) == (0, "1\n"), begun.stderr
    return own


def test_a_segmentation_that_is_added_is_served_without_a_restart(stack: RunningStack, tiny: Catalogue) -> None:
    answer = httpx.post(f"{stack.service_url}/predict/tiny", json=tiny.centroids.tolist(), timeout=60)
    assert answer.json() == {"labels": [7, 3], "personas": list(tiny.segment_names), "model_version": "1"}
    listed = {
        found["name"]: found["version"] for found in httpx.get(f"{stack.service_url}/segmentations", timeout=60).json()
    }
    assert listed == {"dtc_personas": "2", "tiny": "1"}
    unknown = httpx.post(f"{stack.service_url}/predict/tinier", json=[], timeout=60)
    assert (unknown.status_code, "there are dtc_personas, tiny" in unknown.text) == (404, True)
    shown = stack.run("-m", "dtc_service", "predict", "--segmentation", "tiny")
    assert "Thrifty Theo" in shown.stdout, shown.stderr


@pytest.mark.usefixtures("tiny")
def test_it_is_checked_through_mage_and_told_by_its_name(stack: RunningStack) -> None:
    waves = ("--reference", "2025-01", "--current", "2025-02")
    result = stack.command("pipeline", *waves, "--segmentation", "tiny")
    assert result.returncode == 0, result.stderr
    assert "for small (tiny) started" in result.stdout
    assert "No drift in 2025-02 against 2025-01" in result.stdout
    assert any("small (tiny), wave 2025-02" in message.text for message in stack.telegram.messages)
    assert stack.label("2025-02", "--segmentation", "tiny").returncode == 0
    shown = stack.run("-m", "dtc_monitoring", "segmentations").stdout
    assert "dtc_personas (default)" in shown
    assert "2: 2025-01 to 2025-02" in shown
    assert shown.count("No drift in 2025-0") == 2


@pytest.mark.usefixtures("tiny")
def test_each_segmentation_gets_its_monthly_check_and_one_that_fails_stops_no_other(stack: RunningStack) -> None:
    began = datetime.now(UTC)
    runs = monthly_runs(stack, PIPELINE, 2)
    # Nobody answered in the month before today, of which each of the two is told by itself.
    assert {run["status"] for run in runs} == {"failed"}
    assert {run["variables"]["segmentation"] for run in runs} == {"dtc_personas", "tiny"}
    (missed,) = {run["variables"]["current_wave"] for run in runs}
    moments = (began, datetime.now(UTC))  # a month may end between them
    assert missed in {str(Wave(moment.year, moment.month).previous()) for moment in moments}
    assert failure_told(stack, f"small (tiny), wave {missed}") != failure_told(stack, f"DTC personas, wave {missed}")


def test_an_edited_catalogue_stops_a_run_until_it_is_adopted(stack: RunningStack, tiny: Catalogue) -> None:
    turned = tuple(
        segment.model_copy(update={"centroid": other.centroid})
        for segment, other in zip(tiny.segments, tiny.segments[::-1], strict=True)
    )
    (stack.catalogues / "tiny.yaml").write_text(tiny.model_copy(update={"segments": turned}).model_dump_json())
    run = ("pipeline", "--reference", "2025-01", "--current", "2025-02", "--segmentation", "tiny")
    stopped = stack.command(*run)
    assert stopped.returncode == 13
    for command in (
        "make catalogue_changes SEGMENTATION=tiny",
        "make adopt_catalogue SEGMENTATION=tiny BY=... WHY=...",
    ):
        assert command in stopped.stderr
    changes = stack.run("-m", "dtc_model", "catalogue-changes", "--segmentation", "tiny").stdout
    assert "In the latest wave, 2025-02, 200 of 200 respondents would get another persona than by version 1" in changes
    adopt = ("adopt-catalogue", "--segmentation", "tiny", "--by", "Ada", "--why", "they were mixed up")
    adopted = stack.run("-m", "dtc_model", *adopt)
    assert "version 2 was put into production by Ada" in adopted.stdout, adopted.stderr
    rows = tiny.centroids.tolist()
    wait_until(
        lambda: httpx.post(f"{stack.service_url}/predict/tiny", json=rows, timeout=60).json()["labels"] == [3, 7],
        lambda: httpx.get(f"{stack.service_url}/readyz", timeout=60).text,
    )
    assert stack.command(*run).returncode == 0


def test_a_run_by_other_settings_than_the_stack_has_is_refused_and_says_which(stack: RunningStack) -> None:
    result = stack.command(
        "pipeline", "--reference", "2025-01", "--current", "2025-02", TRAIN_K="4", PROMOTION="approve"
    )
    assert result.returncode == 13
    assert "TRAIN_K (4, and None here), PROMOTION (approve, and auto here)" in result.stderr
    assert "make stop start" in result.stderr


@pytest.mark.parametrize(
    ("other", "exit_code"),
    [({"POSTGRES_PORT": "1"}, 5), ({"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}, 6)],
    ids=["Postgres", "MLflow"],
)
def test_no_run_is_started_by_who_could_not_read_its_result(
    stack: RunningStack, other: dict[str, Any], exit_code: int
) -> None:
    result = stack.command("pipeline", "--reference", "2025-01", "--current", "2025-02", **other)
    assert result.returncode == exit_code, result.stderr
    assert re.search(r"127\.0\.0\.1:1\b", result.stderr)
    assert "started" not in result.stdout


def test_a_second_service_runs_beside_the_stack(stack: RunningStack) -> None:
    with stack.second_service() as url:
        assert httpx.get(f"{url}/readyz", timeout=60).json()["model_version"] == "2"
        assert httpx.get(f"{stack.service_url}/readyz", timeout=60).is_success, "the stack's own one was not ended"
        assert stack.command("status").returncode == 0


@pytest.mark.parametrize("program", ["service", "dashboard", "mlflow", "mage", "postgres"])
def test_a_killed_program_comes_back(stack: RunningStack, program: str) -> None:
    ours = marked({STACK_MARK: stack.settings["STATE_FOLDER"], PROGRAM_MARK: program})
    first = min(ours, key=lambda process: process.create_time())
    first.kill()  # its children live on and hold the port
    first.wait(60)

    def is_back() -> bool:
        time.sleep(1)
        now = marked({STACK_MARK: stack.settings["STATE_FOLDER"], PROGRAM_MARK: program})
        return stack.command("status").returncode == 0 and bool(now) and not set(ours) & set(now)

    wait_until(is_back, lambda: stack.command("status").stdout)


def test_the_whole_job_can_be_repeated_on_the_running_stack(stack: RunningStack, catalogue: Catalogue) -> None:
    before = stack.outcome()
    result = stack.command("run")
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    after = stack.outcome()
    assert after["labels"] == before["labels"]
    assert after["production_version"] == before["production_version"] == "2", "March gave the same model again"
    march = after["waves"]["2025-03"]
    words = "the model trained from this wave is the one in production (version 2): nothing to decide"
    assert (march["version"], march["promoted"], march["reason"]) == ("2", True, words)
    assert words in " ".join(result.stdout.split()), "lines are wrapped"
    assert share_labelled_as_made(stack, catalogue) >= 0.999


def test_the_reference_wave_can_be_trained_on(stack: RunningStack) -> None:
    result = stack.command("pipeline", "--reference", "2025-01", "--current", "2025-03", "--training-data", "reference")
    assert result.returncode == 0, result.stderr
    assert "train_models: done" in result.stdout
    assert "Drift in 2025-03 against 2025-01: " in result.stdout
    assert "became version" in result.stdout
    assert "/get-artifact?run_id=" in result.stdout
    assert any("trained on wave 2025-01" in message.text for message in stack.telegram.messages)


def test_stop_leaves_nothing_running_but_what_belongs_to_no_stack(stack: RunningStack) -> None:
    with stack.second_service() as url:
        serving = httpx.get(f"{stack.service_url}/readyz", timeout=60).json()["model_version"]
        assert stack.command("stop").returncode == 0
        assert marked({STACK_MARK: stack.settings["STATE_FOLDER"]}) == []
        assert httpx.get(f"{url}/readyz", timeout=60).json()["model_version"] == serving
    assert stack.command("status").returncode == 12
    assert stack.command("stop").stdout == "Nothing was running.\n"
