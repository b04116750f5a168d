"""Survey files in: CSV, Excel, SPSS or Parquet, every cell of it checked against the catalogue."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from dtc_data.catalogue import Catalogue, number_text
from dtc_data.core import DATE, EXTRA, SEGMENT, SURVEY_WEIGHT, UNIT_ID, SurveyFileError
from dtc_data.files import open_table
from dtc_data.surveys.column_matching import expected_names, match_columns
from dtc_data.surveys.problem_report import report_text
from dtc_data.surveys.reading_options import FileOptions
from dtc_data.surveys.survey_problems import INGESTED, Kind, SurveyProblems
from dtc_data.surveys.unit_ids import derived_ids
from dtc_data.surveys.unit_reading import UnitReading
from dtc_data.surveys.whole_file import WholeFile, find_repetitions
from dtc_data.tables import ExtraColumn

LISTED: Final = 12
"""Columns that a remark names; the others are counted."""


def read_survey_file(
    path: str | Path, catalogue: Catalogue, options: FileOptions | None = None, *, undone: str = INGESTED
) -> pd.DataFrame:
    """Read a file of units and check every cell of it; see `SurveyReading`.

    Returns
    -------
    DataFrame
        Columns unit_id (str), date (UTC), the features (float64, values in words as text; NaN or None where no answer was
        given), segment (Int64), and survey_weight (float64) if the file has weights.

    Raises
    ------
    SurveyFileError
        If anything is wrong; the message names the file, and of each problem the first places.
    """
    return pd.concat(SurveyReading(path, catalogue, options, undone=undone).blocks(), ignore_index=True)


def survey_blocks(path: str | Path, catalogue: Catalogue, options: FileOptions | None = None) -> Iterator[pd.DataFrame]:
    """Read a file of units block by block, see `SurveyReading.blocks`."""
    yield from SurveyReading(path, catalogue, options).blocks()


class SurveyReading:
    """Reads a file of units and checks every cell of it.

    Columns come in any order, and there may be others than the catalogue's, which are passed over or kept as they are. The id, the segment and
    the weight column may be absent: then ids are derived from the wave and the answers, no segment is given, and all
    units count alike.

    Parameters
    ----------
    path : str or Path
        CSV, Excel (.xlsx), SPSS (.sav) or Parquet, by its ending.
    catalogue : Catalogue
        Says which columns there are, what they are called and which answers are valid.
    options : FileOptions, optional
        What cannot be found out from the file.
    keep_extra : bool
        Whether blocks have the column `EXTRA` with the cells of other columns, see `extra_columns`.
    undone : str
        What was not done if the file is refused.

    Raises
    ------
    RefusedFileError
        If a column is missing, or there twice.
    SurveyFileError
        If the file cannot be read at all.
    SettingsError
        If something is allowed that may not pass.
    """

    def __init__(
        self,
        path: str | Path,
        catalogue: Catalogue,
        options: FileOptions | None = None,
        *,
        keep_extra: bool = False,
        undone: str = INGESTED,
    ) -> None:
        self._keep_extra = keep_extra
        self._options = options or FileOptions()
        self._catalogue = catalogue
        self._table = open_table(Path(path), self._options, expected_names(catalogue))
        self.problems = SurveyProblems(
            self._table.path, self._table.place, self._options.allow, catalogue.words.units, undone
        )
        """What was found so far; once all blocks were read only what may pass."""
        self._columns = match_columns(self._table, catalogue, self._options, self.problems)
        self.problems.raise_if_refused()

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Read block by block, each as `read_survey_file` returns the whole.

        Only when the last block was taken it is clear that nothing is wrong: whoever writes blocks anywhere must take
        everything back if an error is raised. After the first problem no more blocks come, but the file is checked to its
        end.

        Raises
        ------
        RefusedFileError
            If the file has problems that may not pass; it holds all of them.
        SurveyFileError
            If it has no units.
        """
        problems, whole = self.problems, WholeFile(self._catalogue)
        for rows in self._reading(problems).blocks():
            units = _complete(rows, self._catalogue)
            if problems.may_pass(Kind.REPEATED):
                units = self._first_ones(units, whole)
            whole.add(units)
            if not problems.is_refused and not units.empty:
                yield units.reset_index(drop=True)
        if whole.is_empty and not problems.is_refused:
            could_stay = " that could stay" if problems.rows else ""
            units_ = self._catalogue.words.units
            raise SurveyFileError(f"{self._table.path}: the file has a header, but no {units_} below it{could_stay}")
        if not problems.may_pass(Kind.REPEATED):
            self._find_repetitions(whole)
        whole.find_weightless_waves(problems)
        whole.find_torn_fieldwork(problems)
        whole.find_stray_codes(problems)
        problems.raise_if_refused()

    @property
    def extra_columns(self) -> list[ExtraColumn]:
        """What the columns are that the catalogue does not have, in their order."""
        table = self._table
        return [
            ExtraColumn(
                table.names[position],
                table.descriptions[position],
                {number_text(float(code)): word for code, word in table.value_labels[position].items()},
            )
            for position in self._columns.extra_positions
        ]

    def remarks(self) -> Iterator[str]:
        """Return how the file was read and what was passed over, a sentence at a time."""
        table, extra = self._table, self._columns.extra
        yield f"{table.path}: {self.problems.rows:,} {table.place}s read ({table.form})"
        if extra:
            more = f" and {len(extra) - LISTED} more" if len(extra) > LISTED else ""
            done = "kept for the way out" if self._keep_extra else "passed over"
            passed = f"{len(extra)} column{'' if len(extra) == 1 else 's'} {done}, which the catalogue does not have"
            yield f"{passed}: {', '.join(extra[:LISTED])}{more}"
        if self.problems.found:
            yield report_text(self.problems)

    def _reading(self, problems: SurveyProblems) -> UnitReading:
        return UnitReading(
            self._table, self._columns, self._catalogue, self._options, problems, keep_extra=self._keep_extra
        )

    def _first_ones(self, units: pd.DataFrame, whole: WholeFile) -> pd.DataFrame:
        new = whole.are_new(units)
        for place, unit in units.loc[~new, UNIT_ID].items():
            message = f"the {self._catalogue.words.unit} {unit!r} with this date is there already"
            self.problems.add(Kind.REPEATED, int(str(place)), message)
        return units[new]

    def _find_repetitions(self, whole: WholeFile) -> None:
        repeated = whole.repeated_hashes
        if not repeated.size:
            return
        unheard = SurveyProblems(self._table.path, self._table.place)
        again = (_complete(rows, self._catalogue) for rows in self._reading(unheard).blocks())
        suspected = pd.concat([whole.suspected(units, repeated) for units in again])
        column = self._columns.others.get(UNIT_ID)
        name = None if column is None else self._table.names[column]
        find_repetitions(suspected, name, self._catalogue, self.problems)


def _complete(units: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add the columns that the file left out, and put all of them in order."""
    there = [name for name in (SURVEY_WEIGHT, EXTRA) if name in units]
    columns = [UNIT_ID, DATE, *catalogue.feature_names, SEGMENT, *there]
    complete = units.reindex(columns=columns)
    if UNIT_ID not in units:
        complete[UNIT_ID] = derived_ids(units, catalogue)
    return complete.astype({SEGMENT: "Int64"})
