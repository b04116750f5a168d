"""A segmentation whose segments are discovered the first time: its catalogue is drafted, and taken as it is from then on."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import SegmentationSettings, SettingsError, read_settings
from dtc_model.recipes import Recipe
from dtc_model.settings import MlflowSettings
from dtc_model.training import find_segments

from dtc_stack.jobs.used_programs import UsedPrograms

READABLE: Final = 0o644
"""Mode of the file: programs in containers read it as another user, and it holds nobody's data."""


def drafted_segmentation(
    stack: UsedPrograms, name: str, recipe: Callable[[], Recipe], *, n_bootstraps: int
) -> Segmentation:
    """Return a segmentation; its catalogue is drafted from what is found in a recipe's table if there is none.

    Parameters
    ----------
    stack : UsedPrograms
    name : str
        Of the segmentation.
    recipe : callable
        Returns the table; asked only if there is no catalogue.
    n_bootstraps : int
        Resamples for the stability of each solution.

    Raises
    ------
    TrainingError
        If no segments are proposed.
    SettingsError
        If the catalogue cannot be written.
    """
    path = read_settings(SegmentationSettings).catalogue_folder.absolute() / f"{name}.yaml"
    stack.progress.headline("Segments")
    if path.exists():
        stack.progress.say(f"{path} is there: segments are not discovered again")
        return find_segmentation(name)
    searched = recipe()
    units = searched.head["unit"]["plural"]
    with stack.progress.step(f"segments looked for among {len(searched.features):,} {units} of {searched.wave}"):
        uri = read_settings(MlflowSettings).tracking_uri
        found = find_segments(searched, name, tracking_uri=uri, n_bootstraps=n_bootstraps)
    _write(path, found.catalogue)
    for line in found.discovery.words.splitlines():
        stack.progress.say(f"    {line}")
    stack.progress.say(
        f"    Catalogue, as drafted: {path}. Edit names and actions as you like, then `make adopt_catalogue`"
    )
    return find_segmentation(name)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
        path.chmod(READABLE)
    except OSError as error:
        raise SettingsError(f"{path}: the catalogue cannot be written: {error.strerror}") from error
