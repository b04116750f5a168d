"""Whether the catalogue and a registered version agree."""

from collections.abc import Iterator

from dtc_data.catalogue import Catalogue

from dtc_model.errors import ModelBrokenError
from dtc_model.registry.registry_reader import ServedModel
from dtc_model.rule import SegmentModel


def differences(registered: SegmentModel, ours: SegmentModel) -> Iterator[str]:
    """Yield how the model that a catalogue is differs from a registered one, a sentence for each difference."""
    if registered.feature_names != ours.feature_names:
        yield f"its features are {_words(ours.feature_names)}, registered are {_words(registered.feature_names)}"
        return
    if registered.segment_ids != ours.segment_ids:
        yield f"its segment ids are {_words(ours.segment_ids)}, registered are {_words(registered.segment_ids)}"
    for name, was, now in zip(ours.feature_names, registered.scales, ours.scales, strict=True):
        if was != now:
            yield f"feature {name!r} has the scale {now:g}, registered with {was:g}"
    for place, segment_id in enumerate(ours.segment_ids):
        if segment_id in registered.segment_ids:
            yield from _of_segment(registered, registered.segment_ids.index(segment_id), ours, place)


def _of_segment(registered: SegmentModel, before: int, ours: SegmentModel, place: int) -> Iterator[str]:
    """Compare the segments at two positions."""
    old, name = registered.segment_names[before], ours.segment_names[place]
    if old != name:
        yield f"segment {ours.segment_ids[place]} is named {name!r}, registered as {old!r}"
    rows = zip(ours.feature_names, registered.centroids[before].tolist(), ours.centroids[place].tolist(), strict=True)
    for feature, was, now in rows:
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
