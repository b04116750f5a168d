"""Whether the catalogue and a registered version agree."""

from collections.abc import Iterator

from dtc_data.catalogue import Catalogue, FeatureEncoding

from dtc_model.errors import ModelBrokenError, RegistryConflictError
from dtc_model.registry.registry_reader import ServedModel
from dtc_model.rule import SegmentModel, same_encoding


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
        If features, their encoding, ids, names or centroids differ; the message names the first difference and the way out.
    """
    for difference in _differences(registered, SegmentModel.from_catalogue(catalogue), catalogue.words.segment):
        raise RegistryConflictError(
            f"the catalogue {catalogue.name!r} is no longer the one that {catalogue.registered_model!r} was begun with: "
            f"{difference}. Ids, names and features of a registered model never move: restore the catalogue file, or "
            f"give the new {catalogue.words.segments} a registered_model of their own"
        )


def _differences(registered: SegmentModel, ours: SegmentModel, word: str) -> Iterator[str]:
    if registered.feature_names != ours.feature_names:
        yield f"its features are {_words(ours.feature_names)}, registered are {_words(registered.feature_names)}"
        return
    if registered.segment_ids != ours.segment_ids:
        yield f"its {word} ids are {_words(ours.segment_ids)}, registered are {_words(registered.segment_ids)}"
        return
    for segment_id, old, new in zip(ours.segment_ids, registered.segment_names, ours.segment_names, strict=True):
        if old != new:
            yield f"{word} {segment_id} is named {new!r}, registered as {old!r}"
    for was, now in zip(registered.encoder.features, ours.encoder.features, strict=True):
        yield from _changed_entries(was, now)
    if not same_encoding(registered.encoder, ours.encoder):
        yield "its projection is another one"
        return
    for name, row, own in zip(ours.segment_names, registered.centroids, ours.centroids, strict=True):
        for column, was_at, now_at in zip(ours.encoder.column_names, row, own, strict=True):
            if was_at != now_at:
                yield f"the centroid of {name!r} has {column} = {now_at!r}, registered with {was_at!r}"


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


def check_fits(served: ServedModel, catalogue: Catalogue) -> None:
    """Refuse a model that was made for other features than the catalogue has, or for other values of a category.

    Raises
    ------
    ModelBrokenError
        If the features differ in name, order, type or values; the message names the version and the first difference.
    """
    if difference := _first_misfit(served.model.encoder.features, catalogue.features):
        raise ModelBrokenError(
            f"version {served.version} of {catalogue.registered_model!r} is made for other features than the catalogue "
            f"{catalogue.name!r}: {difference}; promote a version made for this catalogue"
        )


def _first_misfit(theirs: tuple[FeatureEncoding, ...], ours: tuple[FeatureEncoding, ...]) -> str | None:
    for their, our in zip(theirs, ours, strict=False):
        if their.name != our.name:
            return f"{their.name!r} instead of {our.name!r}"
        if their.values != our.values:
            return f"{our.name!r} with the values {_value(their.values)} instead of {_value(our.values)}"
    return f"{len(theirs)} instead of {len(ours)}" if len(theirs) != len(ours) else None
