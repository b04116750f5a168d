"""What is said of each unit in a labelled file, as columns beside its own."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
from dtc_data.catalogue import Catalogue, capital
from dtc_data.files import NewColumn
from dtc_model.rule import Detail

from dtc_service.formats import STATUSES, Names

PREFIX: Final = "label_"
"""Before the names of all columns if the file has one of them already."""


def label_columns(
    catalogue: Catalogue,
    segments: Mapping[int, str],
    version: str,
    taken: Collection[str],
    statuses: str = "labelled, no_fit or incomplete",
) -> list[NewColumn]:
    """Return the columns that are added to a file, under names that it does not have.

    Parameters
    ----------
    catalogue : Catalogue
        Gives the word for a segment.
    segments : mapping of int to str
        Names of the segments by their ids.
    version : str
        Who labels, for the descriptions: ``version 3``.
    taken : collection of str
        Names of the file's own columns.
    statuses : str
        What the status of a unit can be.
    """
    word, by = catalogue.words.segment, f"{catalogue.name}, {version}"
    columns = (
        NewColumn(catalogue.segment_column, "id", f"{capital(word)} by {by}", segments),
        NewColumn(f"{catalogue.segment_column}_name", "text", f"Name of the {word}"),
        NewColumn("runner_up", "id", f"Second nearest {word}", segments),
        NewColumn("margin", "number", f"0 between two {catalogue.words.segments}, 1 on a centroid"),
        NewColumn("probability", "number", f"Probability of the {word}"),
        NewColumn("fit", "number", "Percentile of the distance in the reference wave"),
        NewColumn("status", "text", statuses),
        NewColumn("model_version", "text", "Version that labelled"),
    )
    own, prefix = {name.casefold() for name in taken}, ""
    while any(f"{prefix}{column.name}".casefold() in own for column in columns):
        prefix += PREFIX
    return [NewColumn(prefix + column.name, column.kind, column.title, column.value_labels) for column in columns]


def label_values(detail: Detail, names: Names, version: str) -> list[Sequence[Any]]:
    """Return the values of these columns, None where there is none."""
    return [
        names.ids[detail.positions].tolist(),
        names.segments[detail.positions].tolist(),
        names.ids[detail.runner_ups].tolist(),
        *(_with_gaps(values) for values in (detail.margins, detail.probabilities, detail.fits)),
        STATUSES[detail.statuses].tolist(),
        [version] * len(detail.positions),
    ]


def _with_gaps(values: Any) -> list[float | None]:
    gaps = np.isnan(values)
    return [None if is_gap else value for value, is_gap in zip(values.tolist(), gaps.tolist(), strict=True)]
