"""A segmentation: a catalogue under a name, with the table and the registered model that the catalogue names."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dtc_data.catalogue.catalogue import Catalogue, load_catalogue, names_in
from dtc_data.core import (
    DEFAULT_SEGMENTATION,
    SEGMENTATION_VARIABLE,
    CatalogueError,
    SegmentationSettings,
    UnknownSegmentationError,
    is_catalogue_path,
    read_settings,
    read_yaml_mapping,
    usual_segmentation,
)

SUFFIX: Final = ".yaml"
"""How the file of a catalogue in the folder ends."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
"""A segmentation's name stands in addresses, commands and labels of numbers."""


@dataclass(frozen=True)
class Segmentation:
    """A catalogue and where it lies."""

    name: str
    """Name of the catalogue's file without its ending."""
    path: Path
    catalogue: Catalogue
    is_listed: bool
    """Whether it lies in the folder of the catalogues, where service, bot and monthly checks find it by its name."""

    @property
    def argument(self) -> str:
        """What SEGMENTATION takes for it: the name, or the path of a catalogue that lies elsewhere."""
        return self.name if self.is_listed else str(self.path)

    @property
    def title(self) -> str:
        """What people read: the catalogue's own name, and beside it the segmentation's if it is not the default one."""
        return self.catalogue.name if self._is_usual else f"{self.catalogue.name} ({self.name})"

    def command(self, target: str) -> str:
        """Return the make command that acts on it: ``make label SEGMENTATION=stores WAVE=2025-04``.

        The default segmentation is left out where commands act on it anyway.
        """
        verb, _, variables = target.partition(" ")
        named = "" if self._is_usual else f"{SEGMENTATION_VARIABLE}={shlex.quote(self.argument)}"
        return " ".join(filter(None, ["make", verb, named, variables]))

    @property
    def _is_usual(self) -> bool:
        return self.is_listed and self.name == DEFAULT_SEGMENTATION == usual_segmentation()


def find_segmentation(given: str | None = None) -> Segmentation:
    """Read the catalogue of a segmentation.

    Parameters
    ----------
    given : str, optional
        A name, or the path of a catalogue file, from the working directory if it is relative. SEGMENTATION if not given.

    Raises
    ------
    UnknownSegmentationError
        If no catalogue has that name; the message lists those that there are.
    CatalogueError
        If the catalogue cannot be used, or another one in the folder has the same table or registered model.
    SettingsError
        If a setting is wrong.
    """
    settings = read_settings(SegmentationSettings)
    named, folder = given or settings.segmentation, settings.catalogue_folder.absolute()
    path = path_named(named, folder)
    if not is_catalogue_path(named) and (_NAME.fullmatch(named) is None or not path.is_file()):
        names = ", ".join(file.stem for file in catalogue_files(folder)) or "no catalogue"
        raise UnknownSegmentationError(
            f"there is no segmentation {named!r}: {folder} holds {names}. Name one of them, or give the path of a "
            f"catalogue file, like my_shop{SUFFIX}"
        )
    found = read_segmentation(path, folder)
    for other in catalogue_files(folder):
        if not other.samefile(path):
            refuse_shared(found, other)
    return found


def path_named(named: str, folder: Path) -> Path:
    """Return where the catalogue of a segmentation lies; a relative path counts from the working directory."""
    return Path(named).absolute() if is_catalogue_path(named) else folder / f"{named}{SUFFIX}"


def read_segmentation(path: Path, folder: Path) -> Segmentation:
    """Read a catalogue file as a segmentation; whether others share its table is not looked at.

    Raises
    ------
    CatalogueError
        If the catalogue cannot be used.
    """
    is_listed = path.parent.resolve() == folder.resolve() and path.suffix == SUFFIX
    if is_listed and _NAME.fullmatch(path.stem) is None:
        raise CatalogueError(
            f"{path}: a segmentation is named by its file, and a name is letters a to z, digits, _ and -: rename the file"
        )
    return Segmentation(path.stem, path, load_catalogue(path), is_listed)


def catalogue_files(folder: Path) -> list[Path]:
    """Return the catalogue files in a folder, by name; none if there is no such folder."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.startswith("."))


def refuse_shared(one: Segmentation, other: Path) -> None:
    """Refuse a catalogue that names the table or the registered model of another one; a broken one claims neither.

    Raises
    ------
    CatalogueError
        If they share one; the message names both files.
    """
    try:
        table, model = names_in(read_yaml_mapping(other), other)
    except CatalogueError:
        return
    claimed: dict[str, tuple[str, Any]] = {
        "unit_table": (one.catalogue.unit_table, table),
        "registered_model": (one.catalogue.registered_model, model),
    }
    for key, (own, theirs) in claimed.items():
        if own == theirs:
            raise CatalogueError(
                f"{one.path}: {key} {own!r} is that of the segmentation {other.stem!r} ({other}) too: two segmentations "
                "share neither a table nor a registered model. Give one of them its own"
            )
