"""The answers in a survey file, block by block: every cell checked against the catalogue."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dtc_data.catalogue import (
    NUMBER,
    Catalogue,
    Feature,
    FloatArray,
    number_text,
    parse_answers,
    plain,
    stands_for_nothing,
)
from dtc_data.files import Cells, DecimalCommas, TableBlock, TableFile
from dtc_data.surveys.survey_problems import Kind, SurveyProblems

_YES_NO = frozenset({"yes", "no", "true", "false"})


class AnswerReading:
    """Reads the answers of a file's blocks.

    Parameters
    ----------
    table : TableFile
    columns : mapping of str to int
        Position of each feature's column.
    catalogue : Catalogue
    decimals : DecimalCommas
    problems : SurveyProblems
        Gets what is wrong with single cells.
    """

    def __init__(
        self,
        table: TableFile,
        columns: Mapping[str, int],
        catalogue: Catalogue,
        decimals: DecimalCommas,
        problems: SurveyProblems,
    ) -> None:
        self._table, self._columns, self._catalogue = table, columns, catalogue
        self._decimals, self._problems = decimals, problems
        self._missing_allowed = catalogue.missing_answers.minimum_answered is not None

    def read(self, block: TableBlock) -> FloatArray:
        """Return the answers of a block, ``(n_rows, n_features)``, values in words as codes.

        NaN stands for a missing answer, and for a cell with a problem.
        """
        features = self._catalogue.features
        answers = np.empty((len(block.places), len(features)))
        for position, feature in enumerate(features):
            answers[:, position] = self._of_feature(block, feature)
        return answers

    def _of_feature(self, block: TableBlock, feature: Feature) -> FloatArray:
        column = self._columns[feature.name]
        name = self._table.names[column]
        cells = block.cells(column)
        if labels := self._table.value_labels[column]:
            cells = _labelled(cells, labels, feature)
        if not isinstance(cells, np.ndarray) and not feature.in_words:
            cells = self._decimals.points(cells, name)
        values, objections = parse_answers(cells, feature, missing_allowed=self._missing_allowed)
        for row, message in objections.items():
            values[row] = np.nan
            self._problems.add(_kind(cells[row], feature), block.places[row], message, name)
        return values


def _labelled(cells: Cells, labels: Mapping[float, str], feature: Feature) -> Cells:
    """Replace the codes whose label in the file is an answer by the catalogue; other codes are answers themselves."""
    words = {code: label for code, label in labels.items() if _is_answer(label, feature)}
    if not words or not isinstance(cells, np.ndarray):
        return cells
    return [words.get(value) or number_text(value) for value in cells.tolist()]


def _is_answer(label: str, feature: Feature) -> bool:
    if feature.labels and feature.answer_labels.has(label):
        return True
    if feature.in_words:
        return label.strip() in feature.values or label.strip() in feature.missing
    return label.strip() in feature.missing or (feature.type == "yes_no" and plain(label) in _YES_NO)


def _kind(cell: Any, feature: Feature) -> Kind:
    text = cell if isinstance(cell, str) else number_text(float(cell))
    if stands_for_nothing(text, feature):
        return Kind.MISSING
    is_number = NUMBER.fullmatch(text) is not None and not feature.in_words
    return Kind.RANGE if is_number and not (feature.labels and feature.answer_labels.recodes) else Kind.UNREADABLE


def complete_rows(answers: FloatArray, catalogue: Catalogue) -> npt.NDArray[np.bool_]:
    """Tell which rows may stay, ``(n_rows,)``: where the catalogue allows no missing answer, those without any."""
    if catalogue.missing_answers.minimum_answered is not None:
        return np.ones(len(answers), dtype=bool)
    complete: npt.NDArray[np.bool_] = ~np.isnan(answers).any(axis=1)
    return complete
