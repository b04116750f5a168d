"""Which column of a survey file is what, by the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID
from dtc_data.files import TableFile
from dtc_data.surveys.reading_options import FileOptions
from dtc_data.surveys.survey_problems import Kind, SurveyProblems

WAVE: Final = "wave"
"""The role of a column with months."""

DELIMITER_SIGNS: Final = ",;\t|"


@dataclass(frozen=True)
class MatchedColumns:
    """Positions of the columns of a file by what they are."""

    features: Mapping[str, int]
    """By name of the feature."""
    others: Mapping[str, int]
    """Of unit_id, date, segment, survey_weight and `WAVE`, as far as the file has them."""
    extra: Sequence[str]
    """Names of columns that the catalogue does not know."""
    extra_positions: Sequence[int] = ()
    """Where they stand."""


def expected_names(catalogue: Catalogue) -> set[str]:
    """Return every name that a column may have by the catalogue."""
    return {name for names in _names(catalogue).values() for name in names}


def match_columns(
    table: TableFile,
    catalogue: Catalogue,
    options: FileOptions,
    problems: SurveyProblems,
    *,
    answers_only: bool = False,
) -> MatchedColumns:
    """Find the columns of the catalogue in a file, by their names, else by the file's descriptions of them.

    Parameters
    ----------
    table : TableFile
    catalogue : Catalogue
    options : FileOptions
        With a wave, a date may be missing.
    problems : SurveyProblems
        Gets the columns that are missing or there twice.
    answers_only : bool
        Whether nothing but the features is looked for.
    """
    roles = _names(catalogue)
    if answers_only:
        roles = {feature.name: roles[feature.name] for feature in catalogue.features}
    found = {role: positions for role, names in roles.items() if (positions := _positions(table, names))}
    for positions in found.values():
        if len(positions) > 1:
            problems.add(Kind.COLUMNS, 0, f"given more than once: {table.names[positions[0]]!r}")
    required = [] if answers_only or options.wave or WAVE in found else [DATE]
    required += catalogue.feature_names
    taken = {position for positions in found.values() for position in positions}
    others = [position for position, name in enumerate(table.names) if name and position not in taken]
    extra = [table.names[position] for position in others]
    for role in required:
        if role not in found:
            problems.add(Kind.COLUMNS, 0, _missing(role, roles[role], extra, table))
    chosen = {role: positions[0] for role, positions in found.items()}
    names = set(catalogue.feature_names)
    return MatchedColumns(
        {role: position for role, position in chosen.items() if role in names},
        {role: position for role, position in chosen.items() if role not in names},
        extra,
        others,
    )


def _names(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return what each column may be called, the likeliest name first."""
    columns = catalogue.columns
    features = {
        feature.name: tuple(dict.fromkeys((feature.file_column, feature.name))) for feature in catalogue.features
    }
    others = {
        UNIT_ID: columns.id,
        DATE: columns.date,
        WAVE: columns.wave,
        SEGMENT: catalogue.file_segment_column,
        SURVEY_WEIGHT: catalogue.weight_column,
    }
    return features | {role: (name,) for role, name in others.items() if name}


def _positions(table: TableFile, names: Sequence[str]) -> list[int]:
    for name in names:
        for given in (table.names, table.descriptions):
            if positions := [position for position, other in enumerate(given) if other == name]:
                return positions
    return []


def _missing(role: str, names: Sequence[str], extra: Sequence[str], table: TableFile) -> str:
    alike = {name.casefold(): name for name in extra}
    close = get_close_matches(names[0].casefold(), alike, 1)
    hint = f"; the file has {alike[close[0]]!r}, which the catalogue may name as its column" if close else ""
    if role == DATE:
        hint += "; if everybody belongs to one month, name it with --wave 2025-01"
    if len(table.names) == 1:
        hint += f"; the file has one column, {table.names[0][:80]!r}: say what separates its cells with --delimiter"
    return f"missing: {names[0]!r}{hint}"
