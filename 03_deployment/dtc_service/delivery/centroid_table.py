"""A catalogue from a table of typical answers: segments in rows or in columns, answers as they are or as z-scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from dtc_data.catalogue import FloatArray
from dtc_data.core import SurveyFileError

from dtc_service.delivery.catalogue_draft import CatalogueDraft, DraftedFeature, DraftedSegment, rounded
from dtc_service.delivery.delivered_table import DeliveredTable, number_in, numbers_in
from dtc_service.delivery.feature_guesses import by_typical_answers, feature_names

MEAN: Final = frozenset({"mean", "means", "average", "mittelwert", "m", "mu"})
SD: Final = frozenset(
    {"sd", "sds", "std", "stdev", "std dev", "standard deviation", "standardabweichung", "s", "sigma"}
)
SEGMENT_WORDS: Final = frozenset({"persona", "segment", "cluster", "group", "profile"})
"""How a first column is called in which segments stand."""
FEATURE_WORDS: Final = frozenset(
    {"feature", "features", "question", "questions", "item", "items", "variable", "variables", "statement", "frage"}
)
TEXTS: Final = frozenset({"question", "questions", "text", "wording", "label", "description", "statement", "frage"})
DESCRIPTIONS: Final = frozenset({"description", "beschreibung", "text"})
IDS: Final = frozenset(
    {"id", "code", "nr", "no", "no.", "number", "segment id", "persona id", "segment_id", "persona_id"}
)

LARGEST_Z: Final = 4.0
NEAR_ZERO: Final = 0.35
"""How far the z-scores of all segments lie from 0 on average at most, if segments are not very unequal in size."""

Lying = Literal["rows", "columns"]


@dataclass(frozen=True)
class _Parts:
    """A table of typical answers with features in rows."""

    titles: list[str]
    questions: list[str]
    segments: list[dict[str, Any]]
    cells: list[list[str]]
    """Per feature the cells of the segments."""
    means: list[float] | None
    sds: list[float] | None


def draft_from_centroids(table: DeliveredTable, segments_in: Lying | None = None) -> CatalogueDraft:
    """Draft a catalogue from a table of typical answers.

    Parameters
    ----------
    table : DeliveredTable
        Names in the first column or row, and beside them numbers; a mean and a standard deviation of each feature, if the
        vendor computed with z-scores.
    segments_in : str, optional
        Whether segments stand in ``rows`` or ``columns``; found out if not given.

    Raises
    ------
    SurveyFileError
        If it is not such a table; the message names the place.
    """
    lying = segments_in or _segments_in(table)
    parts = _by_columns(table) if lying == "columns" else _by_rows(table)
    centroids = _numbers(parts, table)
    in_z_units = parts.means is not None and _are_z_scores(centroids, parts.means, parts.sds or [])
    features = [_feature(parts, position, centroids) for position in range(len(parts.titles))]
    assumptions = [f"segments stand in the {lying} of the table, features in the {_other(lying)}"]
    if parts.means is not None:
        unit = "z-scores by the mean and sd of each feature" if in_z_units else "answers, not z-scores"
        assumptions.append(f"typical answers are {unit}: the numbers look like that")
    elif _look_like_z_scores(centroids):
        assumptions.append(
            "WARNING: the numbers look like z-scores. If they are, ask the vendor for mean and standard deviation of each "
            "question, add them as columns 'mean' and 'sd' (or as rows), and make the catalogue again: as answers they would be wrong"
        )
    assumptions.append(
        "all features count alike"
        if parts.means is not None
        else "all features count alike; answers on scales of different length need a scale or mean and sd"
    )
    segments = [
        DraftedSegment(entry, [rounded(value) for value in centroids[:, position].tolist()])
        for position, entry in enumerate(parts.segments)
    ]
    return CatalogueDraft(
        f"typical answers in {table.path.name}", features, segments, in_z_units, {}, None, assumptions
    )


def _feature(parts: _Parts, position: int, centroids: FloatArray) -> DraftedFeature:
    names = feature_names(parts.titles)
    title, name = parts.titles[position], names[position]
    entry: dict[str, Any] = {"name": name} | ({} if name == title else {"column": title})
    if parts.questions and parts.questions[position] != title:
        entry["question"] = parts.questions[position]
    if parts.means is None or parts.sds is None:
        return by_typical_answers(entry, centroids[position].tolist(), parts.cells[position])
    return DraftedFeature(
        entry | {"mean": parts.means[position], "sd": parts.sds[position]},
        "mean and sd as delivered; say type, minimum and maximum if you know them",
    )


def _segments_in(table: DeliveredTable) -> Lying:
    names = [name.lower() for name in table.names]
    first = [row[0].lower() for row in table.rows]
    if names[0] in FEATURE_WORDS or MEAN & set(names):
        return "columns"
    if names[0] in SEGMENT_WORDS or MEAN & set(first):
        return "rows"
    return "columns" if len(table.rows) > len(table.names) - 1 else "rows"


def _other(lying: Lying) -> Lying:
    return "rows" if lying == "columns" else "columns"


def _by_columns(table: DeliveredTable) -> _Parts:
    """Take features from rows and segments from columns."""
    lower = {name.lower(): name for name in table.names[1:]}
    mean, sd, text = (next((lower[word] for word in words if word in lower), None) for words in (MEAN, SD, TEXTS))
    if text is not None and numbers_in(table.column(text)) is not None:
        text = None
    names = [name for name in table.names[1:] if name not in {mean, sd, text}]
    return _Parts(
        titles=table.column(table.names[0]),
        questions=[] if text is None else table.column(text),
        segments=[{"id": number, "name": name} for number, name in enumerate(names, start=1)],
        cells=[list(cells) for cells in zip(*(table.column(name) for name in names), strict=True)],
        **_moments(table, None if mean is None else table.column(mean), None if sd is None else table.column(sd)),
    )


def _by_rows(table: DeliveredTable) -> _Parts:
    """Take segments from rows and features from columns."""
    words = [name for name in table.names if numbers_in(table.column(name)) is None]
    name_column = next((name for name in words if name.lower() not in DESCRIPTIONS), None)
    text = next((name for name in words if name.lower() in DESCRIPTIONS and name != name_column), None)
    id_column = next((name for name in table.names if name.lower() in IDS and name not in words), None)
    titles = [name for name in table.names if name not in {*words, id_column}]
    own = [row[table.names.index(name_column or table.names[0])].lower() for row in table.rows]
    moments = {
        key: next((position for position, word in enumerate(own) if word in wanted), None)
        for key, wanted in (("means", MEAN), ("sds", SD))
    }
    kept = [position for position in range(len(table.rows)) if position not in moments.values()]
    segments = [
        _segment(table, number, position, name_column, id_column, text) for number, position in enumerate(kept, 1)
    ]
    columns = [table.column(title) for title in titles]
    mean, sd = ([column[at] for column in columns] if at is not None else None for at in moments.values())
    return _Parts(
        titles, [], segments, [[column[at] for at in kept] for column in columns], **_moments(table, mean, sd)
    )


def _segment(  # noqa: PLR0913, PLR0917 - where everything about a segment stands
    table: DeliveredTable, number: int, row: int, name: str | None, id_: str | None, text: str | None
) -> dict[str, Any]:
    given = None if id_ is None else number_in(table.column(id_)[row])
    entry: dict[str, Any] = {"id": int(given) if given is not None and given.is_integer() and given >= 0 else number}
    entry["name"] = table.column(name)[row] if name else f"Segment {entry['id']}"
    return entry | ({"description": table.column(text)[row]} if text else {})


def _moments(table: DeliveredTable, mean: list[str] | None, sd: list[str] | None) -> dict[str, Any]:
    if (mean is None) != (sd is None):
        raise SurveyFileError(f"{table.path}: mean and sd stand together: the table has only one of them")
    if mean is None or sd is None:
        return {"means": None, "sds": None}
    means, sds = numbers_in(mean), numbers_in(sd)
    if means is None or sds is None or len(means) != len(mean) or len(sds) != len(sd) or min(sds) <= 0:
        raise SurveyFileError(f"{table.path}: each feature needs a mean and an sd above 0")
    return {"means": means, "sds": sds}


def _numbers(parts: _Parts, table: DeliveredTable) -> FloatArray:
    if len(parts.segments) < 2 or not parts.titles:  # noqa: PLR2004 - a single segment needs no rule
        raise SurveyFileError(
            f"{table.path}: a table of typical answers has at least two segments, with names in the first row or column and "
            f"numbers beside them; found {len(parts.segments)} with {len(parts.titles)} features"
        )
    values = [[number_in(cell) for cell in cells] for cells in parts.cells]
    for title, row, cells in zip(parts.titles, values, parts.cells, strict=True):
        if None in row:
            segment = parts.segments[row.index(None)]["name"]
            raise SurveyFileError(
                f"{table.path}: the typical answer of {segment!r} to {title!r} is {cells[row.index(None)]!r}, which is not a number"
            )
    return np.array(values, dtype=np.float64)


def _are_z_scores(centroids: FloatArray, means: Sequence[float], sds: Sequence[float]) -> bool:
    """Tell whether numbers are nearer to 0 as they stand than as answers in units of the standard deviation."""
    as_answers = (centroids - np.array(means)[:, None]) / np.array(sds)[:, None]
    return bool(np.abs(centroids).mean() <= np.abs(as_answers).mean())


def _look_like_z_scores(centroids: FloatArray) -> bool:
    balanced = np.mean(np.abs(centroids.mean(axis=1)) < NEAR_ZERO)
    has_both_signs = np.mean((centroids.min(axis=1) < 0) & (centroids.max(axis=1) > 0))
    return bool(np.abs(centroids).max() < LARGEST_Z and balanced > 0.5 and has_both_signs > 0.5)  # noqa: PLR2004 - most
