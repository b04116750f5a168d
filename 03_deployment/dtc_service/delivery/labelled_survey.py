"""A catalogue from survey answers that the vendor has labelled: typical answers are the means of each segment's people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import FloatArray
from dtc_data.core import SurveyFileError
from dtc_data.surveys import are_dates

from dtc_service.delivery.catalogue_draft import CatalogueDraft, DraftedFeature, DraftedSegment, rounded
from dtc_service.delivery.delivered_table import DeliveredTable, number_in
from dtc_service.delivery.feature_guesses import by_answers, feature_names

ID_WORDS: Final = frozenset(
    {"id", "customer_id", "respondent", "respondent_id", "respid", "resp_id", "caseid", "case_id", "unit_id", "nr"}
)
DATE_WORDS: Final = frozenset({"date", "datum", "interview date", "interview_date", "wave", "month", "welle", "monat"})
WEIGHT_WORDS: Final = frozenset({"weight", "weights", "survey_weight", "gewicht", "wgt"})
MOST_SEGMENTS: Final = 50


@dataclass(frozen=True, eq=False)
class _Answers:
    """The answers of one feature as they enter a distance."""

    feature: DraftedFeature
    columns: FloatArray
    """``(n_units, width)``: the number, or 1 for the value given, divided by the root of its share; NaN if missing."""

    @property
    def is_category(self) -> bool:
        return self.feature.entry.get("type") == "category"


def draft_from_labels(table: DeliveredTable, label: str) -> CatalogueDraft:
    """Draft a catalogue from a survey with a column of labels.

    Whether the vendor's distances were taken between answers or between answers in units of their standard deviation is
    found out by what gives more of the labels.

    Parameters
    ----------
    table : DeliveredTable
    label : str
        Name of the column with the vendor's segments; rows without one are passed over.

    Raises
    ------
    SurveyFileError
        If there is no such column, it holds no segments, or no other column holds answers.
    """
    own = _labels(table, label)
    roles = _roles(table, label)
    taken = {label, *roles.values()}
    titles = [name for name in table.names if name not in taken]
    rows = [position for position, text in enumerate(own) if text]
    answers, skipped = _answers(table, titles, rows)
    if not answers:
        raise SurveyFileError(f"{table.path}: beside {label!r} no column holds answers that a rule could use")
    names = sorted({own[row] for row in rows}, key=lambda text: (number_in(text) is None, number_in(text) or 0.0, text))
    positions = np.array([names.index(own[row]) for row in rows])
    standardised = _prefers_standardised(answers, positions, len(names))
    assumptions = [
        f"typical answers are the means of the {len(rows):,} units with a label in {label!r}",
        _words_of(standardised),
        *([f"not taken for features: {', '.join(skipped)}"] if skipped else []),
        *(f"{name!r} taken for the {role} of a unit" for role, name in roles.items()),
        *([] if "date" in roles else ["the file has no date: name the month when you ingest it"]),
    ]
    return CatalogueDraft(
        f"labelled answers in {table.path.name}",
        [_scaled(one, standardised=standardised[0]) for one in answers],
        _segments(names, answers, positions, table.words.get(label, {})),
        columns=roles | {"segment": label},
        minimum_answered=_fewest(answers),
        assumptions=assumptions,
    )


def _labels(table: DeliveredTable, label: str) -> list[str]:
    if label not in table.names:
        raise SurveyFileError(f"{table.path}: there is no column {label!r}; there are {', '.join(table.names)}")
    found = table.column(label)
    n_labels = len({text for text in found if text})
    if not 2 <= n_labels <= MOST_SEGMENTS:  # noqa: PLR2004 - a single segment needs no rule
        raise SurveyFileError(
            f"{table.path}: the column {label!r} holds {n_labels} different texts; a column of segments has 2 to {MOST_SEGMENTS}"
        )
    return found


def _roles(table: DeliveredTable, label: str) -> dict[str, str]:
    """Return which columns are the id, the date and the weight, by their names; a date is also known by its cells."""
    roles: dict[str, str] = {}
    for role, words in (("id", ID_WORDS), ("date", DATE_WORDS), ("weight", WEIGHT_WORDS)):
        named = [name for name in table.names if name.lower() in words and name != label]
        if named:
            roles[role] = named[0]
    if "date" not in roles and (dates := _dates(table, {label, *roles.values()})):
        roles["date"] = dates[0]
    return roles


def _dates(table: DeliveredTable, taken: Collection[str]) -> list[str]:
    return [name for name in table.names if name not in taken and are_dates(table.column(name))]


def _answers(table: DeliveredTable, titles: Sequence[str], rows: Sequence[int]) -> tuple[list[_Answers], list[str]]:
    found, skipped = [], []
    for title, name in zip(titles, feature_names(titles), strict=True):
        cells = table.column(title)
        feature = None if are_dates(cells) else by_answers(name, title, cells, table.titles.get(title, ""))
        if feature is None:
            skipped.append(title)
        else:
            found.append(_Answers(feature, _columns(feature.entry, [cells[row] for row in rows])))
    return found, skipped


def _columns(entry: Mapping[str, Any], cells: Sequence[str]) -> FloatArray:
    if entry.get("type") == "category":
        shares = np.array([*entry["values"].values()])
        given = np.array([[cell == value for value in entry["values"]] for cell in cells], dtype=np.float64)
        given[~given.any(axis=1).astype(bool)] = np.nan
        columns: FloatArray = given / np.sqrt(shares)
        return columns
    labels, missing = entry.get("labels", {}), set(entry.get("missing", ()))
    numbers = [labels.get(cell, number_in(cell)) for cell in cells]
    values = [np.nan if number is None or number in missing else float(number) for number in numbers]
    return np.array(values)[:, None]


def _prefers_standardised(
    answers: Sequence[_Answers], positions: npt.NDArray[np.intp], n_segments: int
) -> tuple[bool, float, float]:
    """Tell whether more labels come out in units of the standard deviation, and the share of labels in either case."""
    scales = np.concatenate([_divisors(one) for one in answers])
    columns = np.hstack([one.columns for one in answers])
    plain, scaled = (_agreement(matrix, positions, n_segments) for matrix in (columns, columns / scales))
    return scaled > plain, plain, scaled


def _agreement(columns: FloatArray, positions: npt.NDArray[np.intp], n_segments: int) -> float:
    centroids = [np.nanmean(columns[positions == segment], axis=0) for segment in range(n_segments)]
    squares = [np.nansum((columns - centroid) ** 2, axis=1) for centroid in centroids]
    return float(np.mean(np.argmin(squares, axis=0) == positions))


def _divisors(one: _Answers) -> FloatArray:
    spread: FloatArray = np.ones(one.columns.shape[1]) if one.is_category else np.nanstd(one.columns, axis=0)
    return spread


def _words_of(found: tuple[bool, float, float]) -> str:
    standardised, plain, scaled = found
    how = "in units of their standard deviation (mean and sd)" if standardised else "as they are"
    return (
        f"distances are taken between answers {how}: this gives {max(plain, scaled):.1%} of the vendor's labels, the "
        f"other way {min(plain, scaled):.1%}"
    )


def _scaled(one: _Answers, *, standardised: bool) -> DraftedFeature:
    if not standardised or one.is_category:
        return one.feature
    moments = {"mean": rounded(float(np.nanmean(one.columns))), "sd": rounded(float(np.nanstd(one.columns)))}
    return DraftedFeature({**one.feature.entry, **moments}, one.feature.assumed)


def _segments(
    names: Sequence[str], answers: Sequence[_Answers], positions: npt.NDArray[np.intp], words: Mapping[str, str]
) -> list[DraftedSegment]:
    numbers = [number_in(name) for name in names]
    are_ids = all(number is not None and number.is_integer() and number >= 0 for number in numbers)
    segments = []
    for position, name in enumerate(names):
        centroid = [_typical(one, positions == position) for one in answers]
        entry = (
            {"id": int(float(name)), "name": words.get(name, f"Segment {name}")}
            if are_ids
            else {"id": position + 1, "name": name, "code": name}
        )
        segments.append(DraftedSegment(entry, centroid))
    return segments


def _typical(one: _Answers, own: npt.NDArray[np.bool_]) -> float | dict[str, float]:
    means = np.nanmean(one.columns[own], axis=0)
    if not one.is_category:
        return rounded(means[0])
    values = one.feature.entry["values"]
    shares = means * np.sqrt(np.array([*values.values()]))
    return {value: rounded(share) for value, share in zip(values, shares, strict=True)}


def _fewest(answers: Sequence[_Answers]) -> int | None:
    """Return how many answers a labelled unit gave at least; None if all gave all."""
    given = sum(~np.isnan(one.columns[:, 0]) for one in answers)
    fewest = int(np.min(given))
    return None if fewest == len(answers) else max(fewest, 1)
