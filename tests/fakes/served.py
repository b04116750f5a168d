"""Segmentations that a service serves, without a folder of catalogues and without a registry over HTTP."""

from collections.abc import Callable, Mapping
from pathlib import Path

from dtc_data import Catalogue
from dtc_data.catalogue import ListedSegmentations, Segmentation
from dtc_service.serving import ModelHolder, ServedSegmentations

DEFAULT = "dtc_personas"
"""Name of the default segmentation."""


def segmentation(catalogue: Catalogue, name: str = DEFAULT) -> Segmentation:
    """Return a catalogue a name, as if it lay in the folder."""
    return Segmentation(name, Path("catalogues", f"{name}.yaml"), catalogue, is_listed=True)


class Holders:
    """Hands out holders that tests have made."""

    def __init__(self, holders: Mapping[str, ModelHolder]) -> None:
        self.holders = dict(holders)
        self.renewed: list[str] = []
        self.forgotten: list[str] = []

    def make(self, of: Segmentation) -> ModelHolder:
        """Return the holder of a name."""
        return self.holders[of.name]

    def renew(self, holder: ModelHolder, of: Segmentation) -> None:  # noqa: ARG002 - what a real one needs
        """Remember who was renewed."""
        self.renewed.append(of.name)

    def forget(self, of: Segmentation) -> None:
        """Remember who is gone."""
        self.forgotten.append(of.name)


def listed(*segmentations: Segmentation, problems: Mapping[str, str] | None = None) -> ListedSegmentations:
    """List segmentations, the first one as the default."""
    return ListedSegmentations(segmentations[0].name, {one.name: one for one in segmentations}, problems or {})


def serving(catalogue: Catalogue, holder: ModelHolder, name: str = DEFAULT) -> ServedSegmentations:
    """Serve one catalogue from one holder, which is not started."""
    one = segmentation(catalogue, name)
    return ServedSegmentations(lambda: listed(one), Holders({name: holder}))


def serving_all(
    find: Callable[[], ListedSegmentations], holders: Holders, files: Callable[[], list[Path]] | None = None
) -> ServedSegmentations:
    """Serve what is listed from holders of tests."""
    return ServedSegmentations(find, holders, files)
