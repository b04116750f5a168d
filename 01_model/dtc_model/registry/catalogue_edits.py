"""What was edited in a catalogue since a version was registered from it.

A version keeps the model that the catalogue was, and beside it the catalogue itself; older versions keep the model alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from dtc_data.catalogue import Catalogue, FeatureEncoding
from pydantic import ValidationError

from dtc_model.errors import RegistryConflictError
from dtc_model.registry.catalogue_agreement import differences
from dtc_model.rule import SegmentModel

FREE: Final = frozenset({"description", "question", "label", "action", "colour", "code", "column", "labels", "unseen"})
"""Keys of a feature or a segment that may change without a new version: people read them, or survey files are read by them."""
_FREE_AT_THE_TOP: Final = frozenset({"name", "source", "columns", "unit", "segment", "unit_table", "registered_model"})
"""Likewise keys of the catalogue; a table may be renamed, and another registered model has versions of its own."""
_OF_THE_MODEL: Final = frozenset({"id", "centroid", *FeatureEncoding.model_fields}) - {"minimum", "maximum"}
"""Keys that `dtc_model.registry.catalogue_agreement.differences` compares."""


def snapshot(catalogue: Catalogue) -> dict[str, Any]:
    """Return a catalogue as plain JSON types, as it is kept with the version that it becomes."""
    return catalogue.model_dump(mode="json")


def edits(registered: SegmentModel, kept: Mapping[str, Any] | None, catalogue: Catalogue) -> list[str]:
    """Return what differs between a catalogue and the version registered from it, a sentence each; empty if nothing does.

    Parameters
    ----------
    registered : SegmentModel
        The version's model.
    kept : mapping, optional
        The catalogue as it was kept with the version.
    catalogue : Catalogue
        As it is now.
    """
    of_the_model = list(differences(registered, SegmentModel.from_catalogue(catalogue)))
    before = _in_todays_form(kept)
    return of_the_model if before is None else [*of_the_model, *_beyond_the_model(before, snapshot(catalogue))]


def refuse_edited(found: Sequence[str], catalogue: Catalogue, version: str, command: Callable[[str], str]) -> None:
    """Refuse a catalogue that was edited and not adopted.

    Parameters
    ----------
    found : sequence of str
        What `edits` gave.
    catalogue : Catalogue
    version : str
        The version that it was compared with.
    command : callable
        Writes a make command for this segmentation.

    Raises
    ------
    RegistryConflictError
        If anything was edited; the message names the first edit and both commands that lead on.
    """
    if not found:
        return
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise RegistryConflictError(
        f"the catalogue {catalogue.name!r} was edited since it became version {version} of "
        f"{catalogue.registered_model!r}: {found[0]}{more}. `{command('catalogue_changes')}` shows what moved and who would "
        f"be relabelled, `{command('adopt_catalogue BY=... WHY=...')}` makes the edited one a new version; or restore the "
        "catalogue file"
    )


def refuse_unadoptable(registered: SegmentModel, catalogue: Catalogue) -> None:
    """Refuse an edit that a new version cannot take up: table, labels and earlier versions rest on features and ids.

    Raises
    ------
    RegistryConflictError
        If features were added, removed, renamed or reordered, or a segment was removed.
    """
    way_out = "give the new catalogue a file, a table and a registered model of its own"
    if registered.feature_names != catalogue.feature_names:
        raise RegistryConflictError(
            f"the features of {catalogue.registered_model!r} are {', '.join(registered.feature_names)}, and no version can "
            f"have others: {way_out}"
        )
    if removed := [str(id_) for id_ in registered.segment_ids if id_ not in catalogue.segment_ids]:
        raise RegistryConflictError(
            f"id {', '.join(removed)} is gone from the catalogue {catalogue.name!r}, but labels in the database name it, and "
            f"ids are a promise: put it back, or {way_out}"
        )


def _in_todays_form(kept: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Fill in what catalogues of that day did not have; None for one that is not a catalogue today."""
    if kept is None:
        return None
    try:
        return snapshot(Catalogue.model_validate(kept))
    except ValidationError:
        return None


def _beyond_the_model(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for key in now.keys() - _FREE_AT_THE_TOP - {"features", "segments"}:
        if before.get(key) != now[key]:
            yield f"{key} is {now[key]!r}, registered with {before.get(key)!r}"
    for kind, part, by in (("feature", "features", "name"), ("segment", "segments", "id")):
        registered = {entry[by]: entry for entry in before[part]}
        for entry in now[part]:
            yield from _of_entry(f"{kind} {entry[by]!r}", registered.get(entry[by], entry), entry)


def _of_entry(what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(now.keys() - FREE - _OF_THE_MODEL):
        if before.get(key) != now[key]:
            yield f"{what} has {key} {now[key]!r}, registered with {before.get(key)!r}"
