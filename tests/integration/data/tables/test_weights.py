"""Weights of respondents in a real Postgres."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.core import UnitTableError
from dtc_data.tables import IngestResult, UnitTable
from fakes.at_once import at_once
from fakes.units import count_rows, ingest, load
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

JANUARY = Wave(2025, 1)


def test_they_come_back_exactly_also_from_a_table_made_before_there_were_any(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    february = january.assign(date=pd.Timestamp("2025-02-03", tz="UTC"))
    ingest(engine, table, february)
    weighted = january.assign(survey_weight=np.random.default_rng(1).uniform(0, 3, 200))

    assert ingest(engine, table, weighted) == IngestResult(inserted=200, unchanged=0)

    assert ingest(engine, table, weighted) == IngestResult(inserted=0, unchanged=200)
    assert ingest(engine, table, february) == IngestResult(inserted=0, unchanged=200)
    pd.testing.assert_frame_equal(
        load(engine, table, JANUARY).drop(columns="model_version"), weighted, check_exact=True
    )
    assert "survey_weight" not in load(engine, table, Wave(2025, 2))


def test_another_weight_of_a_unit_is_refused(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    ingest(engine, table, january.assign(survey_weight=1.0))

    with pytest.raises(UnitTableError, match=r"another value in 'survey_weight' \(199 more respondents differ"):
        ingest(engine, table, january.assign(survey_weight=2.0))
    with pytest.raises(UnitTableError, match="another value in 'survey_weight'"):
        ingest(engine, table, january)


@pytest.mark.parametrize("order", [1, -1])
def test_a_wave_of_which_only_some_would_have_weights_is_refused(
    order: int, engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    first, second = [january.head(150).assign(survey_weight=1.0), january.tail(50)][::order]
    ingest(engine, table, first)

    with pytest.raises(UnitTableError, match=r"wave 2025-01: 50 of 200 respondents .* would have no weight"):
        ingest(engine, table, second)

    assert count_rows(engine, table.name) == len(first)


def test_weighted_files_at_once_are_all_taken_in(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    weighted = january.assign(survey_weight=0.5)
    files = [weighted.iloc[start : start + 50] for start in range(0, 200, 50)]

    at_once(partial(ingest, engine, table, file) for file in files)

    assert load(engine, table, JANUARY)["survey_weight"].tolist() == [0.5] * 200


@pytest.mark.parametrize("weight", [-0.5, np.nan, np.inf])
def test_a_weight_that_no_file_check_has_seen_is_checked(
    weight: float, engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    wrong = january.assign(survey_weight=1.0)
    wrong.loc[9, "survey_weight"] = weight

    with pytest.raises(UnitTableError, match=r"'2025-01-0010': 'survey_weight' is .*from 0 to"):
        ingest(engine, table, wrong)
