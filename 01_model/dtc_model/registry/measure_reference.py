"""The reference of a model from a wave in the database, and what its answers say against the catalogue."""

from collections.abc import Callable

from dtc_data.catalogue import Catalogue, answer_matrix
from dtc_data.core import Wave, WaveError
from dtc_data.tables import UnitTable, transaction
from sqlalchemy import Engine

from dtc_model.registry.first_wave import suspicions
from dtc_model.rule import FloatArray, Reference, SegmentModel, measure_reference


def reference_from_database(
    engine: Engine, catalogue: Catalogue, wave: Wave
) -> Callable[[SegmentModel], Reference | None]:
    """Return a function that measures a model of the catalogue on the respondents of a wave, of a large one on a sample.

    It raises `WaveError` if the wave holds no respondents, or none who can be measured, and `UnitTableError` if the table does
    not fit.
    """

    def measure(model: SegmentModel) -> Reference | None:
        answers = _answers(engine, catalogue, wave)
        reference = measure_reference(model, str(wave), answers, catalogue.minimum_answered)
        if reference is None:
            words = catalogue.words
            raise WaveError(
                f"wave {wave} cannot be the reference wave: of its {words.units_counted(len(answers))} none answered enough, or all "
                f"lie on the centroids; name a wave whose {words.units} show what a typical distance is"
            )
        return reference

    return measure


def suspicions_in_database(engine: Engine, catalogue: Catalogue, wave: Wave) -> list[str]:
    """Return what looks wrong with a catalogue beside the respondents of a wave, see `dtc_model.registry.first_wave.suspicions`.

    Raises
    ------
    WaveError
        If the wave holds no respondents.
    UnitTableError
        If the table is missing or does not fit.
    """
    return suspicions(catalogue, _answers(engine, catalogue, wave))


def _answers(engine: Engine, catalogue: Catalogue, wave: Wave) -> FloatArray:
    with transaction(engine) as connection:
        table = UnitTable(catalogue)
        units = table.load(connection, wave, table.sample(connection, wave))
    return answer_matrix(units, catalogue.features)
