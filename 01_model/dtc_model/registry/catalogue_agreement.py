"""Whether the catalogue and a registered version agree."""

from collections.abc import Iterator

from dtc_data.catalogue import Catalogue

from dtc_model.errors import ModelBrokenError, RegistryConflictError
from dtc_model.registry.registry_reader import ServedModel
from dtc_model.rule import SegmentModel


def check_unchanged(registered: SegmentModel, catalogue: Catalogue) -> None:
    """Refuse a catalogue that differs from the version that was made from it.

    Parameters
    ----------
    registered : SegmentModel
        The first version of the registered model.
    catalogue : Catalogue
        As it is now.

    Raises
    ------
    RegistryConflictError
        If features, scales, ids, names or centroids differ; the message names the first difference and the way out.
    """
    for difference in _differences(registered, SegmentModel.from_catalogue(catalogue)):
        raise RegistryConflictError(
            f"the catalogue {catalogue.name!r} is no longer the one that {catalogue.registered_model!r} was begun with: "
            f"{difference}. Ids, names and features of a registered model never move: restore the catalogue file, or "
            "give the new personas a registered_model of their own"
        )


def _differences(registered: SegmentModel, ours: SegmentModel) -> Iterator[str]:
    if registered.feature_names != ours.feature_names:
        yield f"its features are {_words(ours.feature_names)}, registered are {_words(registered.feature_names)}"
        return
    if registered.segment_ids != ours.segment_ids:
        yield f"its persona ids are {_words(ours.segment_ids)}, registered are {_words(registered.segment_ids)}"
        return
    for segment_id, old, new in zip(ours.segment_ids, registered.segment_names, ours.segment_names, strict=True):
        if old != new:
            yield f"persona {segment_id} is named {new!r}, registered as {old!r}"
    for name, was, now in zip(ours.feature_names, registered.scales, ours.scales, strict=True):
        if was != now:
            yield f"feature {name!r} has the scale {now:g}, registered with {was:g}"
    for name, row, own in zip(ours.segment_names, registered.centroids, ours.centroids, strict=True):
        for feature, was, now in zip(ours.feature_names, row, own, strict=True):
            if was != now:
                yield f"the centroid of {name!r} has {feature} = {now!r}, registered with {was!r}"


def _words(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values)


def check_fits(served: ServedModel, catalogue: Catalogue) -> None:
    """Refuse a model that was made for other features than the catalogue has.

    Raises
    ------
    ModelBrokenError
        If the features differ in name or order; the message names the version and the first difference.
    """
    ours, theirs = catalogue.feature_names, served.model.feature_names
    if ours == theirs:
        return
    differing = next((pair for pair in zip(theirs, ours, strict=False) if pair[0] != pair[1]), None)
    difference = (
        f"{differing[0]!r} instead of {differing[1]!r}" if differing else f"{len(theirs)} instead of {len(ours)}"
    )
    raise ModelBrokenError(
        f"version {served.version} of {catalogue.registered_model!r} is made for other features than the catalogue "
        f"{catalogue.name!r}: {difference}; promote a version made for this catalogue"
    )
