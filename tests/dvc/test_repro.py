"""The file-based way under DVC: all stages run once, and not again while nothing changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dtc_stack.settings import PROJECT_FOLDER

DVC = PROJECT_FOLDER / ".venv-dvc" / "bin" / "dvc"
pytestmark = pytest.mark.skipif(not DVC.exists(), reason="DVC is not installed: make test_dvc does so")

SMALL_MODEL = "models: [recency, logistic_three]\nhorizon_days: 30\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own with the stages of this one, and a small shop as its raw file."""
    for name in ("00_create_data", "01_model"):
        (tmp_path / name).symlink_to(PROJECT_FOLDER / name)
    for name in ("dvc.yaml", ".dvcignore"):
        (tmp_path / name).write_text((PROJECT_FOLDER / name).read_text())
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feature_config.yaml").write_text("windows: [30, 90]\n")
    config = (PROJECT_FOLDER / "config" / "model_config.yaml").read_text()
    kept = [line for line in config.splitlines() if not line.startswith(("horizon_days", "# models"))]
    (tmp_path / "config" / "model_config.yaml").write_text("\n".join(kept) + "\n" + SMALL_MODEL)
    (tmp_path / "data").mkdir()
    create = PROJECT_FOLDER / "00_create_data" / "create_transactions.py"
    shop = ["data/raw.parquet", "--customers", "120", "--months", "9"]
    subprocess.run([sys.executable, str(create), *shop], cwd=tmp_path, check=True, capture_output=True, timeout=300)
    dvc(tmp_path, "init", "--no-scm", "--quiet")
    return tmp_path


def dvc(project: Path, *arguments: str) -> str:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "true",
        "DVC_GLOBAL_CONFIG_DIR": str(project / "global"),
        "DVC_SITE_CACHE_DIR": str(project / "cache"),
    }
    result = subprocess.run(
        [str(DVC), *arguments], cwd=project, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_second_repro_does_nothing_and_a_changed_choice_only_what_follows_from_it(project: Path) -> None:
    first = dvc(project, "repro")
    assert [f"Running stage '{name}'" in first for name in ("preprocess", "features", "train", "predict")] == [True] * 4
    assert (project / "data" / "calls.csv").read_text().startswith("customer_id,probability,decision")

    assert "Running stage" not in dvc(project, "repro")

    config = project / "config" / "model_config.yaml"
    config.write_text(config.read_text().replace("capacity: 300", "capacity: 5"))
    third = dvc(project, "repro")
    assert [f"Running stage '{name}'" in third for name in ("preprocess", "features", "train", "predict")] == [
        False,
        False,
        True,
        True,
    ]
    assert (project / "data" / "calls.csv").read_text().count(",call,") <= 5
