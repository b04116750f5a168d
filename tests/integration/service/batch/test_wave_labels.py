import dataclasses
import threading

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError, WaveError
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.errors import ModelBrokenError
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_monitoring import assess_drift
from dtc_service.batch import WaveLabels, label_wave
from fakes.units import load
from fakes.waiting import PATIENCE_SECONDS, wait_until
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

APRIL, MAY = Wave(2025, 4), Wave(2025, 5)


@pytest.fixture
def served(catalogue: Catalogue) -> ServedModel:
    return ServedModel("1", SegmentModel.from_catalogue(catalogue))


@pytest.fixture
def reversed_model(served: ServedModel) -> ServedModel:
    """Version 2, which gives the first persona's respondents to the last and the other way round."""
    return ServedModel("2", dataclasses.replace(served.model, centroids=served.model.centroids[::-1]))


@pytest.fixture
def table(engine: Engine, catalogue: Catalogue) -> UnitTable:
    """April with 300 respondents of unknown persona, May with 30."""
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, make_wave(catalogue, 300, 2.0, 11, APRIL, shares=(60, 30, 10), labelled=False))
        table.ingest(connection, make_wave(catalogue, 30, 2.0, 12, MAY, labelled=False))
    return table


def waits_for_a_lock(engine: Engine) -> bool:
    """Tell whether somebody in the test's database waits for a lock."""
    with transaction(engine) as connection:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(connection.exec_driver_sql(waiting).scalar())


def label(engine: Engine, table: UnitTable, served: ServedModel, wave: Wave = APRIL) -> WaveLabels:
    with transaction(engine) as connection:
        return label_wave(connection, table, wave, served)


def test_every_unit_gets_the_label_of_the_model(
    engine: Engine, table: UnitTable, served: ServedModel, catalogue: Catalogue
) -> None:
    labels = label(engine, table, served)
    rows = load(engine, table, APRIL)
    expected = served.model.label(rows[list(catalogue.feature_names)].to_numpy())
    assert rows["segment"].tolist() == expected.tolist()
    assert set(rows["model_version"]) == {"1"}
    assert (labels.units, labels.changed, labels.kept_vendor_labels, labels.unlabelled) == (300, 300, 0, 0)


def test_the_shares_are_those_of_the_segments_in_the_order_of_the_catalogue(
    engine: Engine, table: UnitTable, served: ServedModel, catalogue: Catalogue
) -> None:
    labels = label(engine, table, served)
    assert list(labels.counts) == list(catalogue.segment_names)
    assert list(labels.counts.values()) == [180, 90, 30]
    assert list(labels.shares.values()) == pytest.approx([0.6, 0.3, 0.1])
    assert labels.to_dict()["shares"] == labels.shares


def test_labelling_again_changes_nothing(engine: Engine, table: UnitTable, served: ServedModel) -> None:
    first = label(engine, table, served)
    before = load(engine, table, APRIL)
    second = label(engine, table, served)
    assert second == dataclasses.replace(first, changed=0, first=0)
    assert (first.relabelled, second.relabelled) == (0, 0)
    pd.testing.assert_frame_equal(load(engine, table, APRIL), before)


def test_a_new_version_replaces_the_labels_of_an_old_one(
    engine: Engine, table: UnitTable, served: ServedModel, reversed_model: ServedModel
) -> None:
    first = label(engine, table, served)
    second = label(engine, table, reversed_model)
    assert list(second.counts.values()) == list(first.counts.values())[::-1]
    assert set(load(engine, table, APRIL)["model_version"]) == {"2"}


def test_the_vendors_labels_are_kept_and_counted(
    engine: Engine, table: UnitTable, reversed_model: ServedModel, catalogue: Catalogue
) -> None:
    march = Wave(2025, 3)
    from_vendor = make_wave(catalogue, 90, 2.0, 13, march)
    without = make_wave(catalogue, 10, 2.0, 14, march, labelled=False)
    without["unit_id"] = [f"new-{number}" for number in range(10)]
    with transaction(engine) as connection:
        table.ingest(connection, pd.concat([from_vendor, without]))
    labels = label(engine, table, reversed_model, march)
    assert (labels.units, labels.changed, labels.kept_vendor_labels) == (100, 10, 90)
    assert sum(labels.counts.values()) == 100
    kept = load(engine, table, march).query("model_version.isna()").set_index("unit_id")["segment"]
    assert kept.to_dict() == from_vendor.set_index("unit_id")["segment"].to_dict()


def test_segments_are_named_as_the_model_names_them_like_over_http(
    engine: Engine, table: UnitTable, served: ServedModel, catalogue: Catalogue
) -> None:
    renamed = tuple(segment.model_copy(update={"name": f"{segment.name}, edited"}) for segment in catalogue.segments)
    edited = UnitTable(catalogue.model_copy(update={"segments": renamed}), table.name)
    labels = label(engine, edited, served)
    assert tuple(labels.counts) == tuple(labels.shares) == served.model.segment_names == catalogue.segment_names
    assert sum(labels.counts.values()) == 300


def test_other_waves_stay_as_they_are(engine: Engine, table: UnitTable, served: ServedModel) -> None:
    label(engine, table, served)
    assert load(engine, table, MAY)["segment"].isna().all()


def test_who_left_too_many_answers_out_stays_without_a_segment(engine: Engine, catalogue: Catalogue) -> None:
    tolerant = catalogue.model_copy(
        update={"missing_answers": catalogue.missing_answers.model_copy(update={"minimum_answered": 5})}
    )
    table = UnitTable(tolerant, "tolerant_features")
    wave = make_wave(tolerant, 30, 2.0, 15, APRIL, labelled=False)
    wave.loc[[3, 7], "x2"] = np.nan
    wave.loc[[3, 9], ["x1", "x3", "x5", "x6", "x7", "x8"]] = np.nan
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, wave)
    served = ServedModel("1", SegmentModel.from_catalogue(tolerant))
    labels = label(engine, table, served)
    rows = load(engine, table, APRIL)
    assert labels.unlabelled == 2
    assert (labels.first, labels.first_without, labels.relabelled) == (28, 2, 0)
    assert sum(labels.shares.values()) == pytest.approx(1)
    checked = assess_drift(wave, wave, tolerant)
    assert {share.segment: share.after for share in checked.shares} == pytest.approx(labels.shares), "as in the report"
    answered = rows[list(tolerant.feature_names)].notna().sum(axis=1)
    assert rows["segment"].isna().tolist() == (answered < 5).tolist()
    assert (answered == 9).sum() == 1
    assert label(engine, table, served).changed == 0


def test_a_wave_without_units_is_named(engine: Engine, table: UnitTable, served: ServedModel) -> None:
    with pytest.raises(WaveError, match="wave 2025-06: table 'customer_features' holds no respondents"):
        label(engine, table, served, Wave(2025, 6))


def test_a_missing_table_is_named(engine: Engine, catalogue: Catalogue, served: ServedModel) -> None:
    with pytest.raises(UnitTableError, match="there is no table 'nowhere'"):
        label(engine, UnitTable(catalogue, "nowhere"), served)


def test_a_model_for_other_features_labels_nobody(engine: Engine, table: UnitTable, small_catalogue: Catalogue) -> None:
    other = ServedModel("9", SegmentModel.from_catalogue(small_catalogue))
    with pytest.raises(ModelBrokenError, match=r"version 9.*'price' instead of 'x1'"):
        label(engine, table, other)
    assert load(engine, table, APRIL)["segment"].isna().all()


def test_a_segment_that_the_catalogue_does_not_have_labels_nobody(
    engine: Engine, table: UnitTable, served: ServedModel
) -> None:
    strange = ServedModel("8", dataclasses.replace(served.model, segment_ids=(0, 1, 77)))
    with pytest.raises(UnitTableError, match="has the persona 77"):
        label(engine, table, strange)
    assert load(engine, table, APRIL)["segment"].isna().all()


def test_two_labellings_of_one_wave_follow_each_other(engine: Engine, table: UnitTable, served: ServedModel) -> None:
    results: list[WaveLabels] = []
    with transaction(engine) as connection:
        results.append(label_wave(connection, table, APRIL, served))
        second = threading.Thread(target=lambda: results.append(label(engine, table, served)))
        second.start()
        wait_until(lambda: waits_for_a_lock(engine))
        assert len(results) == 1
    second.join(PATIENCE_SECONDS)
    assert [result.changed for result in results] == [300, 0]


def test_the_shares_of_a_wave_with_weights_are_weighted(
    engine: Engine, catalogue: Catalogue, served: ServedModel
) -> None:
    wave = make_wave(catalogue, 300, 2.0, 15, APRIL, shares=[60, 30, 10])
    table = UnitTable(catalogue, "weighted_features")
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, wave.assign(survey_weight=wave["segment"].map({0: 1.0, 1: 2.0, 2: 6.0})))
    labels = label(engine, table, served)
    assert list(labels.counts.values()) == [180, 90, 30]
    assert list(labels.shares.values()) == pytest.approx([1 / 3] * 3)


def test_a_first_label_is_told_from_a_changed_one(
    engine: Engine, table: UnitTable, catalogue: Catalogue, served: ServedModel, reversed_model: ServedModel
) -> None:
    label(engine, table, served)
    with transaction(engine) as connection:
        newcomers = make_wave(catalogue, 20, 2.0, 13, APRIL, labelled=False)
        table.ingest(connection, newcomers.assign(unit_id="new " + newcomers["unit_id"].astype(str)))
    again = label(engine, table, reversed_model)
    assert (again.units, again.changed, again.first) == (320, 320, 20)


def test_the_waves_with_labels_of_another_version_are_found(
    engine: Engine, table: UnitTable, served: ServedModel, reversed_model: ServedModel, catalogue: Catalogue
) -> None:
    with transaction(engine) as connection:
        assert UnitTable(catalogue, "not_there").waves_labelled_by_others(connection, "1") == []
        assert table.waves_labelled_by_others(connection, "1") == [], "without a label there is none of another version"
    label(engine, table, served)
    label(engine, table, reversed_model, MAY)
    with transaction(engine) as connection:
        assert table.waves_labelled_by_others(connection, "1") == [MAY]
        assert table.waves_labelled_by_others(connection, "2") == [APRIL]
        assert table.waves_labelled_by_others(connection, "3") == [APRIL, MAY]
