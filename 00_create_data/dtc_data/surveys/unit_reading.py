"""The rows of a survey file as units: answers, ids, dates, segments and weights, with whatever is wrong noted."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_data.catalogue import Catalogue, answer_columns, parse_weights
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID, Wave
from dtc_data.surveys.answer_reading import AnswerReading, complete_rows
from dtc_data.surveys.column_matching import WAVE, MatchedColumns
from dtc_data.surveys.decimal_commas import DecimalCommas
from dtc_data.surveys.files import FileOptions, TableBlock, TableFile
from dtc_data.surveys.survey_columns import parse_ids, parse_segments
from dtc_data.surveys.survey_dates import DateColumn
from dtc_data.surveys.survey_problems import Kind, SurveyProblems

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
    """

    def __init__(
        self,
        table: TableFile,
        columns: MatchedColumns,
        catalogue: Catalogue,
        options: FileOptions,
        problems: SurveyProblems,
    ) -> None:
        self._table, self._others, self._catalogue = table, columns.others, catalogue
        self._wave, self._problems = options.wave, problems
        self._decimals = DecimalCommas(table.decimal, is_sure=options.decimal is not None)
        self._answers = AnswerReading(table, columns.features, catalogue, self._decimals, problems)
        self._date_role = DATE if DATE in self._others else WAVE
        order = options.date_order or catalogue.columns.date_order
        self._dates = DateColumn(order, as_months=self._date_role == WAVE)
        self._left_out: set[int] = set()

    def read(self) -> pd.DataFrame:
        """Return the rows that can be units.

        Returns
        -------
        DataFrame
            Columns date and the features, and unit_id, segment and survey_weight if the file has them; the index is the
            place in the file.
        """
        parts = [self._frame(block) for block in self._table.blocks()]
        self._decimals.find_doubts(self._problems)
        if not parts:
            return pd.DataFrame()
        units = pd.concat(parts)
        units[DATE] = self._moments(units.index)
        return units[~units.index.isin(self._left_out)]

    def _frame(self, block: TableBlock) -> pd.DataFrame:
        self._problems.rows += len(block.places) + len(block.misfits)
        self._problems.add_all(Kind.CELLS, block.misfits.items())
        answers = self._answers.read(block)
        self._left_out.update(np.asarray(block.places)[~complete_rows(answers, self._catalogue)].tolist())
        if self._date_role in self._others:
            self._dates.add(block.texts(self._others[self._date_role]))
        columns = {**answer_columns(answers, self._catalogue.features), **dict(self._other_columns(block))}
        return pd.DataFrame(columns, index=pd.Index(list(block.places), dtype="int64"))

    def _other_columns(self, block: TableBlock) -> Iterator[tuple[str, Any]]:
        if (column := self._others.get(UNIT_ID)) is not None:
            ids, objections = parse_ids(block.texts(column))
            self._note(Kind.ID, column, block, objections)
            yield UNIT_ID, ids
        if (column := self._others.get(SEGMENT)) is not None:
            segments, objections = parse_segments(block.texts(column), self._catalogue)
            self._note(Kind.SEGMENT, column, block, objections)
            yield SEGMENT, segments
        if (column := self._others.get(SURVEY_WEIGHT)) is not None:
            cells = self._decimals.points(block.texts(column), self._table.names[column])
            weights, objections = parse_weights(cells, self._catalogue.words.unit)
            self._note(Kind.WEIGHT, column, block, objections)
            yield SURVEY_WEIGHT, weights

    def _note(self, kind: Kind, column: int, block: TableBlock, objections: Mapping[int, str]) -> None:
        for row, message in objections.items():
            place = block.places[row]
            self._problems.add(kind, place, message, self._table.names[column])
            if kind in _LEAVES_OUT:
                self._left_out.add(place)

    def _moments(self, places: pd.Index) -> pd.DatetimeIndex:
        """Return when each row was, from the date, the month, or the wave that was named."""
        if self._date_role not in self._others:
            start = self._wave.start if self._wave else pd.NaT
            return pd.DatetimeIndex([start] * len(places), tz="UTC").as_unit("us")
        moments, wrong = self._dates.read()
        name = self._table.names[self._others[self._date_role]]
        for row, (kind, message) in wrong.items():
            self._problems.add(kind, int(places[row]), message, name)
            self._left_out.add(int(places[row]))
        return self._within(self._wave, moments, places, name) if self._wave else moments

    def _within(self, wave: Wave, moments: pd.DatetimeIndex, places: pd.Index, column: str) -> pd.DatetimeIndex:
        start, end = pd.Timestamp(wave.start), pd.Timestamp(wave.end)
        outside = (moments < start) | (moments >= end)
        for row in np.flatnonzero(outside).tolist():
            message = f"{moments[row]:%Y-%m-%d} lies outside the wave {wave}"
            self._problems.add(Kind.WAVE, int(places[row]), message, column)
        nearest = [start if moment < start else end - pd.Timedelta(days=1) for moment in moments[outside]]
        values = moments.to_numpy(copy=True)
        values[outside] = pd.DatetimeIndex(nearest).tz_convert(None).as_unit("us").to_numpy()
        return pd.DatetimeIndex(values).tz_localize("UTC")
