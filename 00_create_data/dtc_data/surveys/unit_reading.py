"""The rows of a survey file as units: answers, ids, dates, segments and weights, with whatever is wrong noted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.catalogue import Catalogue, answer_columns, parse_weights
from dtc_data.core import DATE, EXTRA, SEGMENT, SURVEY_WEIGHT, UNIT_ID, Wave
from dtc_data.files import DecimalCommas, TableBlock, TableFile
from dtc_data.surveys.answer_reading import AnswerReading, complete_rows
from dtc_data.surveys.column_matching import WAVE, MatchedColumns
from dtc_data.surveys.reading_options import FileOptions
from dtc_data.surveys.survey_columns import parse_ids, parse_segments
from dtc_data.surveys.survey_dates import DateReading
from dtc_data.surveys.survey_problems import Kind, SurveyProblems
from dtc_data.tables import in_one_text

BoolArray = npt.NDArray[np.bool_]

_LEAVES_OUT: Final = frozenset({Kind.ID, Kind.WEIGHT, Kind.DATE, Kind.DATE_ORDER})
"""Problems with which a row cannot be a unit."""


class UnitReading:
    """Reads the units of a file.

    Parameters
    ----------
    table : TableFile
    columns : MatchedColumns
    catalogue : Catalogue
    options : FileOptions
    problems : SurveyProblems
        Gets what is wrong with single cells.
    keep_extra : bool
        Whether the cells that the catalogue does not know are read, too.
    """

    def __init__(  # noqa: PLR0913 - what is read, how, and how much of it
        self,
        table: TableFile,
        columns: MatchedColumns,
        catalogue: Catalogue,
        options: FileOptions,
        problems: SurveyProblems,
        *,
        keep_extra: bool = False,
    ) -> None:
        self._table, self._others, self._catalogue = table, columns.others, catalogue
        self._wave, self._problems = options.wave, problems
        self._extra = columns.extra_positions if keep_extra else ()
        self._decimals = DecimalCommas(table.decimal, is_sure=options.decimal is not None)
        self._answers = AnswerReading(table, columns.features, catalogue, self._decimals, problems)
        self._date_role = DATE if DATE in self._others else WAVE
        order = options.date_order or catalogue.columns.date_order
        self._dates = DateReading(order, self._all_dates, as_months=self._date_role == WAVE)

    def blocks(self) -> Iterator[pd.DataFrame]:
        """Return the rows that can be units, block by block.

        Returns
        -------
        iterator of DataFrame
            Columns date and the features, unit_id, segment and survey_weight if the file has them, and `EXTRA` if it is wanted; the index is the
            place in the file.
        """
        for block in self._table.blocks():
            yield self._frame(block)
        self._problems.add_doubts(self._decimals.doubts())

    def _all_dates(self) -> Iterator[Sequence[str]]:
        column = self._others[self._date_role]
        return (block.texts(column) for block in self._table.blocks())

    def _frame(self, block: TableBlock) -> pd.DataFrame:
        self._problems.rows += len(block.places) + len(block.misfits)
        self._problems.add_all(Kind.CELLS, block.misfits.items())
        answers = self._answers.read(block)
        left_out = ~complete_rows(answers, self._catalogue)
        columns = {
            **answer_columns(answers, self._catalogue.features),
            **dict(self._other_columns(block, left_out)),
            DATE: self._moments(block, left_out),
        }
        frame = pd.DataFrame(columns, index=pd.Index(block.places))
        return frame[~left_out] if left_out.any() else frame

    def _other_columns(self, block: TableBlock, left_out: BoolArray) -> Iterator[tuple[str, Any]]:
        if (column := self._others.get(UNIT_ID)) is not None:
            ids, objections = parse_ids(block.texts(column))
            self._note(Kind.ID, column, block, objections, left_out)
            yield UNIT_ID, ids
        if (column := self._others.get(SEGMENT)) is not None:
            segments, objections = parse_segments(block.texts(column), self._catalogue)
            self._note(Kind.SEGMENT, column, block, objections, left_out)
            yield SEGMENT, segments
        if (column := self._others.get(SURVEY_WEIGHT)) is not None:
            cells = self._decimals.points(block.texts(column), self._table.names[column])
            weights, objections = parse_weights(cells, self._catalogue.words.unit)
            self._note(Kind.WEIGHT, column, block, objections, left_out)
            yield SURVEY_WEIGHT, weights
        if self._extra:
            columns = [block.texts(column) for column in self._extra]
            yield EXTRA, [in_one_text(of_unit) for of_unit in zip(*columns, strict=True)]

    def _note(
        self, kind: Kind, column: int, block: TableBlock, objections: Mapping[int, str], left_out: BoolArray
    ) -> None:
        for row, message in objections.items():
            self._problems.add(kind, block.places[row], message, self._table.names[column])
        if objections and kind in _LEAVES_OUT:
            left_out[list(objections)] = True

    def _moments(self, block: TableBlock, left_out: BoolArray) -> pd.DatetimeIndex:
        """Return when each row was, from the date, the month, or the wave that was named."""
        if self._date_role not in self._others:
            start = self._wave.start if self._wave else pd.NaT
            return pd.DatetimeIndex([start] * len(block.places)).as_unit("us")
        column = self._others[self._date_role]
        moments, wrong = self._dates.read(block.texts(column))
        for kind in (Kind.DATE, Kind.DATE_ORDER):
            objections = {row: message for row, (its_kind, message) in wrong.items() if its_kind is kind}
            self._note(kind, column, block, objections, left_out)
        return self._within(self._wave, moments, block, column) if self._wave else moments

    def _within(self, wave: Wave, moments: pd.DatetimeIndex, block: TableBlock, column: int) -> pd.DatetimeIndex:
        start, end = pd.Timestamp(wave.start), pd.Timestamp(wave.end)
        outside = (moments < start) | (moments >= end)
        rows = np.flatnonzero(outside).tolist()
        for row in rows:
            message = f"{moments[row]:%Y-%m-%d} lies outside the wave {wave}"
            self._problems.add(Kind.WAVE, block.places[row], message, self._table.names[column])
        values: list[Any] = moments.tolist()
        for row in rows:
            values[row] = start if moments[row] < start else end - pd.Timedelta(days=1)
        return pd.DatetimeIndex(pd.to_datetime(values, utc=True)).as_unit("us")
