"""Labels on executors: each takes rows as Arrow hands them over, and labels them by the code and the document that the service has."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from dtc_data.catalogue import Catalogue, answer_matrix
from dtc_data.core import UnitTableError
from dtc_model.rule import NO_FIT_PERCENTILE, SegmentModel, describe, read_model

from dtc_service.batch import label_columns, label_values
from dtc_service.formats import Names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TYPES: Final = {"id": "integer", "number": "double", "text": "string"}
"""Types of Spark by the kind of a column with labels."""
_PANDAS: Final[dict[str, Any]] = {"id": "Int32", "number": "float64", "text": object}


def labelled_units(
    units: "DataFrame",
    catalogue: Catalogue,
    model: SegmentModel,
    version: str,
    no_fit_percentile: float = NO_FIT_PERCENTILE,
) -> "DataFrame":
    """Return units with the columns that `make label_file` adds, the same answers row for row; other columns stay as they are.

    Parameters
    ----------
    units : DataFrame
        Of Spark, with the catalogue's features under their own names; values in words as texts.
    catalogue : Catalogue
        Says how many answers must be given.
    model : SegmentModel
        Its document goes to the executors.
    version : str
        Who labels, for the column ``model_version``.
    no_fit_percentile : float
        Beyond which percentile of the reference wave's distances somebody does not fit.

    Raises
    ------
    UnitTableError
        If a feature is missing.
    """
    from pyspark.sql.types import StructType  # noqa: PLC0415 - missing in most environments

    if missing := [name for name in model.feature_names if name not in units.columns]:
        raise UnitTableError(f"the {catalogue.words.units} lack the columns {', '.join(missing)}")
    names = dict(zip(model.segment_ids, model.segment_names, strict=True))
    columns = label_columns(catalogue, names, version, units.columns)
    types: dict[str, str] = {column.name: column.kind for column in columns}
    schema = StructType([*units.schema.fields])  # one of our own, since `add` changes it
    for name, kind in types.items():
        schema = schema.add(name, TYPES[kind])
    job = _Job(model.to_json(), catalogue.minimum_answered, version, no_fit_percentile, types)
    return units.mapInPandas(job, schema)


class _Job:
    """What an executor does with the parts that it is handed; it travels as texts and numbers."""

    def __init__(
        self, document: str, minimum_answered: int | None, version: str, percentile: float, types: dict[str, str]
    ) -> None:
        self._document, self._version, self._types = document, version, types
        self._minimum_answered, self._percentile = minimum_answered, percentile

    def __call__(self, parts: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        model = read_model(self._document)
        names = Names.of(model)
        for part in parts:
            answers = answer_matrix(part, model.encoder.features)
            detail = describe(model, answers, self._minimum_answered, self._percentile)
            values = zip(self._types.items(), label_values(detail, names, self._version), strict=True)
            added = {
                name: pd.Series(given, index=part.index, dtype=object).astype(_PANDAS[kind])
                for (name, kind), given in values
            }
            yield part.assign(**added)
