"""The copy of the Mage project that Mage works on.

Mage writes into its project folder: a time into ``triggers.yaml``, files of its own beside it. It therefore gets a copy, made
again at each start, and the checkout stays clean.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import yaml

from dtc_stack.settings import PROJECT_FOLDER

SOURCE = PROJECT_FOLDER / "02_pipeline" / "mage_pipeline" / "persona_project"
"""The project as it is in the checkout."""

PIPELINE = "dtc_persona_analysis_pipeline"
"""The pipeline for every segmentation that has none of its own."""
MONTHLY_PIPELINE = "monthly_checks"
"""The pipeline that starts the others each month."""
TRIGGER = "on_demand"
"""Name of a pipeline's API trigger in triggers.yaml."""


def pipeline_of(segmentation: str, project: Path = SOURCE) -> str:
    """Return the pipeline that checks a segmentation: the one whose variables name it, else `PIPELINE`.

    A subject gets a pipeline of its own by a folder beside the others, with the blocks that it shares with them and its
    segmentation among the ``variables`` of its ``metadata.yaml``.
    """
    for path in sorted(project.glob("pipelines/*/metadata.yaml")):
        variables = yaml.safe_load(path.read_text(encoding="utf-8")).get("variables") or {}
        if variables.get("segmentation") == segmentation:
            return path.parent.name
    return PIPELINE


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
