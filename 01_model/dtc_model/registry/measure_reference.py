"""The reference of a model from a wave in the database."""

from collections.abc import Callable

from dtc_data.catalogue import Catalogue, answer_matrix
from dtc_data.core import Wave
from dtc_data.tables import UnitTable, transaction
from sqlalchemy import Engine

from dtc_model.rule import Reference, SegmentModel, measure_reference


def reference_from_database(
    engine: Engine, catalogue: Catalogue, wave: Wave
) -> Callable[[SegmentModel], Reference | None]:
    """Return a function that measures a model of the catalogue on the respondents of a wave.

    It raises `WaveError` if the wave holds no respondents, and `UnitTableError` if the table does not fit.
    """

    def measure(model: SegmentModel) -> Reference | None:
        with transaction(engine) as connection:
            units = UnitTable(catalogue).load(connection, wave)
        answers = answer_matrix(units, catalogue.features)
        return measure_reference(model, str(wave), answers, catalogue.minimum_answered)

    return measure
