"""All segmentations side by side: the catalogues in their folder and the default one; a broken one does not hide the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dtc_data.catalogue.segmentation import (
    Segmentation,
    catalogue_files,
    path_named,
    read_segmentation,
    refuse_shared,
)
from dtc_data.core import CatalogueError, SegmentationSettings, read_settings


@dataclass(frozen=True)
class ListedSegmentations:
    """The segmentations by name, and why others cannot be used."""

    default: str
    """Name of the one that SEGMENTATION names."""
    found: Mapping[str, Segmentation]
    problems: Mapping[str, str]
    """By the name of the file, what is wrong with its catalogue."""


def list_segmentations(settings: SegmentationSettings | None = None) -> ListedSegmentations:
    """Read every catalogue in the folder, and the default one wherever it lies.

    Of two that share a name, a table or a registered model the default one is kept. If neither is the default, both are
    left out: nobody can tell whose the table is.

    Parameters
    ----------
    settings : SegmentationSettings, optional
        Read from the environment if not given.
    """
    settings = settings or read_settings(SegmentationSettings)
    folder = settings.catalogue_folder.absolute()
    default = path_named(settings.segmentation, folder)
    others = [path for path in catalogue_files(folder) if path.resolve() != default.resolve()]
    found: dict[str, Segmentation] = {}
    problems: dict[str, str] = {}
    for path in [default, *others]:
        try:
            one = read_segmentation(path, folder)
            if path != default:
                _refuse_alike(one, [default, *(other for other in others if other != path)])
        except CatalogueError as error:
            problems.setdefault(path.stem, str(error))
        else:
            found[one.name] = one
    return ListedSegmentations(default.stem, found, problems)


def _refuse_alike(one: Segmentation, others: Sequence[Path]) -> None:
    for other in others:
        if other.stem == one.name:
            raise CatalogueError(f"{one.path}: another segmentation has this name, {other}: rename the file")
        refuse_shared(one, other)
