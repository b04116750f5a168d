"""The reference of a model from a wave in the database."""

from collections.abc import Callable

import numpy as np
from dtc_data.catalogue import Catalogue
from dtc_data.database import transaction
from dtc_data.respondents import RespondentTable
from dtc_data.waves import Wave
from sqlalchemy import Engine

from dtc_model.detail import measure_reference
from dtc_model.persona_model import PersonaModel
from dtc_model.reference import Reference


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
