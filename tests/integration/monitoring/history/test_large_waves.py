"""Of a large wave everybody is counted by Postgres, and a sample is looked at."""

import pytest
from dtc_data import Catalogue, Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, counts_of_wave, share_error, transaction
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_monitoring.history.stored_labels import LabelledWave
from dtc_monitoring.history.wave_summary import WaveSummary
from dtc_service.batch import label_wave
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

MARCH, APRIL = Wave(2025, 3), Wave(2025, 4)
UNITS, MOST = 4_000, 1_000


@pytest.fixture
def model(catalogue: Catalogue) -> SegmentModel:
    return SegmentModel.from_catalogue(catalogue)


@pytest.fixture
def table(engine: Engine, catalogue: Catalogue, model: SegmentModel) -> UnitTable:
    """Two waves that a version labelled; the vendor had labelled ten of the first."""
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        for wave in (MARCH, APRIL):
            units = make_wave(catalogue, UNITS, 2.0, wave.month, wave)
            units["segment"] = units["segment"].where(units.index < (10 if wave == MARCH else 0))
            table.ingest(connection, units)
            label_wave(connection, table, wave, ServedModel("1", model))
    return table


def both_ways(engine: Engine, table: UnitTable) -> tuple[LabelledWave, LabelledWave]:
    with transaction(engine) as connection:
        return LabelledWave.load(connection, table, MARCH), LabelledWave.load(connection, table, MARCH, MOST)


def test_counts_and_shares_are_those_of_everybody(engine: Engine, table: UnitTable) -> None:
    whole, part = both_ways(engine, table)
    assert (whole.sampled, part.units, part.by_version) == (None, UNITS, whole.by_version)
    assert part.by_version == {"1": UNITS - 10, "vendor": 10}
    assert part.sampled is not None
    assert 0.8 * MOST < part.sampled < 1.2 * MOST
    assert part.shares().tolist() == pytest.approx(whole.shares().tolist(), abs=1e-12)


def test_what_the_labelling_version_would_say_is_as_good_as_exact(
    engine: Engine, table: UnitTable, model: SegmentModel
) -> None:
    whole, part = both_ways(engine, table)
    assert part.shares_under(model).tolist() == pytest.approx(whole.shares_under(model).tolist(), abs=0.01)


def test_distances_and_other_models_are_within_the_stated_error(
    engine: Engine, table: UnitTable, model: SegmentModel
) -> None:
    whole, part = both_ways(engine, table)
    assert part.sampled is not None
    other = SegmentModel.of_numbers(
        model.feature_names, model.encoder.scales, model.centroids[::-1], model.segment_ids, model.segment_names
    )
    allowed = 3 * share_error(part.sampled, UNITS)
    assert part.shares_under(other).tolist() == pytest.approx(whole.shares_under(other).tolist(), abs=allowed)
    models = {"1": model, "vendor": model}
    assert part.mean_distance(models.get) == pytest.approx(whole.mean_distance(models.get), rel=0.1)


def test_a_summary_says_on_how_many_it_rests(engine: Engine, table: UnitTable, model: SegmentModel) -> None:
    whole, part = both_ways(engine, table)

    class Models:
        @staticmethod
        def get(_: str) -> SegmentModel:
            return model

    told = WaveSummary.of(part, None, Models)  # type: ignore[arg-type]  # all that a summary asks of models
    assert told.to_dict()["sampled"] == part.sampled
    assert 0 < told.to_dict()["sample_error"] < 0.1
    assert "sampled" not in WaveSummary.of(whole, None, Models).to_dict()  # type: ignore[arg-type]  # likewise


def test_one_wave_is_counted_alone(engine: Engine, table: UnitTable) -> None:
    with transaction(engine) as connection:
        counts = counts_of_wave(connection, table, APRIL)
    assert (counts.wave, counts.units, counts.by_version) == (APRIL, UNITS, {"1": UNITS})
