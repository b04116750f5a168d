"""A person who opens MLflow sees the runs and their charts, and switches nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_model.registry import connect, run_of, training_experiment
from fakes.catalogues import under_a_name_of_its_own

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def shown(url: str, profile: Path) -> str:
    """Open a page in a browser that was never here, and give what it is made of once it has drawn itself."""
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here to look at the page with")
def test_every_way_to_a_sweep_shows_its_runs_and_charts(mlflow_uri: str, catalogue: Catalogue, tmp_path: Path) -> None:
    client = connect(mlflow_uri)
    experiment = training_experiment(client, under_a_name_of_its_own(catalogue))
    with run_of(client, experiment, "sweep 2025-03", {}) as run:
        client.log_metric(run, "silhouette", 0.4)
    listed = shown(f"{mlflow_uri}/#/experiments/{experiment}", tmp_path / "first")
    assert "sweep 2025-03" in listed
    assert "Evaluation runs" not in listed, "that is the other view"
    opened = shown(f"{mlflow_uri}/#/experiments/{experiment}/runs/{run}", tmp_path / "second")
    assert "Model metrics" in opened
    assert "Evaluation runs" not in opened
