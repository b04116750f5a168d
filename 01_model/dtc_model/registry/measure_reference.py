"""The reference of a model from a wave in the database."""

from collections.abc import Callable

import numpy as np
from dtc_data.catalogue import Catalogue
from dtc_data.core import Wave
from dtc_data.tables import RespondentTable, transaction
from sqlalchemy import Engine

from dtc_model.rule import PersonaModel, Reference, measure_reference


def reference_from_database(
    engine: Engine, catalogue: Catalogue, wave: Wave
) -> Callable[[PersonaModel], Reference | None]:
    """Give a function that measures a model of the catalogue on the respondents of a wave.

    It raises `WaveError` if the wave holds no respondents, and `RespondentTableError` if the table does not fit.
    """

    def measure(model: PersonaModel) -> Reference | None:
        with transaction(engine) as connection:
            respondents = RespondentTable(catalogue).load(connection, wave)
        answers = respondents[list(catalogue.feature_names)].to_numpy(dtype=np.float64)
        return measure_reference(model, str(wave), answers, catalogue.minimum_answered)

    return measure
