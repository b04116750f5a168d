from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from dtc_data.stores import StoreWave, archetype_features, complete_quarters, make_store_waves, store_features
from dtc_data.tables import UnitTable, transaction
from fakes.at_once import at_once
from fakes.retail import planted
from fakes.store_catalogue import store_catalogue
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


def test_two_executions_at_once_whose_sums_differ_by_rounding_make_one_wave(tmp_path: Path, engine: Engine) -> None:
    features = store_features(planted(tmp_path))
    numbers = features.select_dtypes("float").columns
    rounded_otherwise = features.assign(**{name: features[name] * (1 + 1e-13) for name in numbers})
    quarter = complete_quarters(features)[0]
    catalogue = store_catalogue(
        stores={"quarters": 4},
        features=[{"name": "size_m2", "scale": 100}, {"name": "basket_value", "scale": 5}],
        segments=[
            {"id": 3, "name": "Corner", "share": 0.7, "centroid": [100, 20]},
            {"id": 8, "name": "Warehouse", "share": 0.3, "centroid": [2000, 60]},
        ],
    )

    def made_of(own: pd.DataFrame) -> StoreWave:
        return make_store_waves(engine, own, [quarter], catalogue)[0]

    made = at_once([partial(made_of, own) for own in (features, rounded_otherwise) * 2])

    n_stores = len(archetype_features(features, quarter))
    results = [one.ingested for one in made if one.ingested is not None]
    assert sorted(one.inserted for one in results) == [0, 0, 0, n_stores]
    with transaction(engine) as connection:
        assert len(UnitTable(catalogue).load(connection, quarter.wave)) == n_stores
