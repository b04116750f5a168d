"""A catalogue of stores whose rule is a mixture, small enough to work out by hand, and stores for it."""

from typing import Any

import numpy as np
import pandas as pd
from dtc_data import Catalogue

STORES: dict[str, Any] = {
    "name": "Stores",
    "unit": "store",
    "segment": "archetype",
    "unit_table": "stores",
    "registered_model": "stores",
    "columns": {"id": "store_id"},
    "missing_answers": {"minimum_answered": 1},
    "rule": "mixture",
    "features": [
        {"name": "size", "scale": 0.5, "transform": "log1p"},
        {"name": "weekend", "scale": 0.1},
        {"name": "place", "type": "category", "values": {"city": 0.5, "mall": 0.5}, "unseen": "missing"},
    ],
    "segments": [
        {"id": 3, "name": "Corner", "share": 0.7, "centroid": [100, 0.2, {"city": 0.9, "mall": 0.1}]},
        {"id": 8, "name": "Warehouse", "share": 0.3, "centroid": [2000, 0.5, {"city": 0.2, "mall": 0.8}]},
    ],
}


def store_catalogue(**changes: Any) -> Catalogue:
    """Return the catalogue, with other entries at its top."""
    return Catalogue.model_validate(STORES | changes)


def some_stores(n_stores: int = 200, seed: int = 1, *, shift: float = 0.0) -> pd.DataFrame:
    """Draw stores from the catalogue's own distributions, with ids in the index; ``shift`` moves all weekends."""
    random = np.random.default_rng(seed)
    large = random.random(n_stores) < 0.3
    return pd.DataFrame(
        {
            "size": np.expm1(random.normal(np.log1p(np.where(large, 2000, 100)), 0.5)),
            "weekend": random.normal(np.where(large, 0.5, 0.2) + shift, 0.1),
            "place": np.where(random.random(n_stores) < np.where(large, 0.8, 0.1), "mall", "city"),
        },
        index=pd.Index([f"S{number}" for number in range(n_stores)], name="unit_id"),
    )
