"""Tables of a small shop, made once."""

import pandas as pd
import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.prediction import LabelledTable, TableMaker, stacked
from fakes.shop import shop_day, shop_lines

HORIZON = 30
CUTOFFS = (120, 150, 180, 210, 240, 270)


@pytest.fixture(scope="package")
def lines() -> BehaviourLines:
    """A year of a small shop."""
    return BehaviourLines(shop_lines())


@pytest.fixture(scope="package")
def maker(lines: BehaviourLines) -> TableMaker:
    """Tables with a horizon of 30 days, of few windows."""
    return TableMaker(lines, HORIZON, config=FeatureConfig(windows=(30, 90)))


@pytest.fixture(scope="package")
def table(maker: TableMaker) -> LabelledTable:
    """Six cutoffs on top of each other."""
    return stacked(maker, [shop_day(number) for number in CUTOFFS], known_at=shop_day(360))


@pytest.fixture(scope="package")
def test_table(maker: TableMaker) -> LabelledTable:
    """A later cutoff."""
    return maker.table(shop_day(320))


@pytest.fixture
def features(maker: TableMaker) -> pd.DataFrame:
    """Features as of one cutoff."""
    return maker.features(shop_day(200))
