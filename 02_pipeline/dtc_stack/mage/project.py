"""The copy of the Mage project that Mage works on.

Mage writes into its project folder: a time into ``triggers.yaml``, files of its own beside it. It therefore gets a copy, made
again at each start, and the checkout stays clean.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import yaml
from dtc_data import Catalogue
from dtc_data.catalogue import Segmentation

from dtc_stack.settings import PROJECT_FOLDER

SOURCE = PROJECT_FOLDER / "02_pipeline" / "mage_pipeline" / "persona_project"
"""The project as it is in the checkout."""

PIPELINE = "dtc_persona_analysis_pipeline"
"""The pipeline for every segmentation whose waves people ingest as files."""
MONTHLY_PIPELINE = "monthly_checks"
"""The pipeline that starts the others each month."""
FORECAST_PIPELINE = "customer_behaviour_pipeline"
"""The pipeline that forecasts customers and holds earlier forecasts to account."""
FORECAST_MODEL = "customer_churn"
"""The registered forecast that it is about."""
TRIGGER = "on_demand"
"""Name of a pipeline's API trigger in triggers.yaml."""


def pipeline_of(segmentation: Segmentation, project: Path = SOURCE) -> str:
    """Return the pipeline that checks a segmentation: the one whose tags name the subject of its catalogue, else `PIPELINE`.

    A subject gets a pipeline of its own by a folder beside the others: a block that makes its waves, the blocks that all
    pipelines share, and the subject among the ``tags`` of its ``metadata.yaml``.
    """
    subject = subject_of(segmentation.catalogue)
    for path in sorted(project.glob("pipelines/*/metadata.yaml")):
        if subject in (yaml.safe_load(path.read_text(encoding="utf-8")).get("tags") or []):
            return path.parent.name
    return PIPELINE


def subject_of(catalogue: Catalogue) -> str:
    """Return what the feature table of a catalogue is made of: ``transactions``, ``stores``, or the ``files`` that people ingest."""
    if catalogue.stores:
        return "stores"
    return "transactions" if catalogue.transactions else "files"


def lay_out(target: Path) -> Path:
    """Copy the project.

    The triggers count as enabled since the first copy: Mage makes up for a scheduled run that it missed while it was down,
    and starts none for the time before it was first here.

    Parameters
    ----------
    target : Path
        Folder of the copy. Its name must differ from our packages', since Mage imports from beside it.

    Returns
    -------
    Path
        The same folder.
    """
    since = _first_start(target.with_name("first_start"))
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__"))
    for path in target.glob("pipelines/*/triggers.yaml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for trigger in document["triggers"]:
            trigger["last_enabled_at"] = since
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return target


def _first_start(path: Path) -> datetime:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(datetime.now(UTC).isoformat(), encoding="utf-8")
    return datetime.fromisoformat(path.read_text(encoding="utf-8"))
