"""Whether the catalogue and a registered version agree."""

from collections.abc import Iterator

from dtc_data.catalogue import Catalogue, FeatureEncoding

from dtc_model.errors import ModelBrokenError
from dtc_model.registry.registry_reader import ServedModel
from dtc_model.rule import SegmentModel, same_encoding


def differences(registered: SegmentModel, ours: SegmentModel) -> Iterator[str]:
    """Yield how the model that a catalogue is differs from a registered one, a sentence for each difference."""
    if registered.feature_names != ours.feature_names:
        yield f"its features are {_words(ours.feature_names)}, registered are {_words(registered.feature_names)}"
        return
    if registered.segment_ids != ours.segment_ids:
        yield f"its segment ids are {_words(ours.segment_ids)}, registered are {_words(registered.segment_ids)}"
    for was, now in zip(registered.encoder.features, ours.encoder.features, strict=True):
        yield from _changed_entries(was, now)
    if not same_encoding(registered.encoder, ours.encoder):
        yield "its projection is another one"
        return
    for place, segment_id in enumerate(ours.segment_ids):
        if segment_id in registered.segment_ids:
            yield from _of_segment(registered, registered.segment_ids.index(segment_id), ours, place)


def _of_segment(registered: SegmentModel, before: int, ours: SegmentModel, place: int) -> Iterator[str]:
    """Compare the segments at two positions."""
    old, name = registered.segment_names[before], ours.segment_names[place]
    if old != name:
        yield f"segment {ours.segment_ids[place]} is named {name!r}, registered as {old!r}"
    columns = ours.encoder.column_names
    rows = zip(columns, registered.centroids[before].tolist(), ours.centroids[place].tolist(), strict=True)
    for column, was, now in rows:
        if was != now:
            yield f"the centroid of {name!r} has {column} = {now!r}, registered with {was!r}"


def _changed_entries(was: FeatureEncoding, now: FeatureEncoding) -> Iterator[str]:
    for entry in FeatureEncoding.model_fields:
        before, after = getattr(was, entry), getattr(now, entry)
        if before != after:
            yield f"feature {now.name!r} has the {entry} {_value(after)}, registered with {_value(before)}"


def _value(entry: object) -> str:
    if isinstance(entry, tuple):
        return _words(entry) or "none"
    return f"{entry:g}" if isinstance(entry, float) else str(entry)


def _words(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values)


def check_agrees(served: ServedModel, catalogue: Catalogue) -> None:
    """Refuse a model that was made for other features than the catalogue has, or for other values of a category.

    Raises
    ------
    ModelBrokenError
        If the features differ in name, order, type or values; the message names the version and the first difference.
    """
    if difference := _first_difference(served.model.encoder.features, catalogue.features):
        raise ModelBrokenError(
            f"version {served.version} of {catalogue.registered_model!r} is made for other features than the catalogue "
            f"{catalogue.name!r}: {difference}; promote a version made for this catalogue"
        )


def _first_difference(theirs: tuple[FeatureEncoding, ...], ours: tuple[FeatureEncoding, ...]) -> str | None:
    for their, our in zip(theirs, ours, strict=False):
        if their.name != our.name:
            return f"{their.name!r} instead of {our.name!r}"
        if their.values != our.values:
            return f"{our.name!r} with the values {_value(their.values)} instead of {_value(our.values)}"
    return f"{len(theirs)} instead of {len(ours)}" if len(theirs) != len(ours) else None
