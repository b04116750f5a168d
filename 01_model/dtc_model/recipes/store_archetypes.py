"""Stores by what they are, what they sell and how: the table in which their archetypes are looked for."""

from typing import Final

import pandas as pd
from dtc_data.stores import QUARTERS, Quarter, archetype_features, described_features

from dtc_model.profiles import STORE_RULES, load_naming_rules
from dtc_model.recipes.found_table import Recipe

FEWEST_ANSWERED: Final = 2
"""Features with which a store has an archetype: one without sales yet has its size and its place."""
FEWEST_SEGMENTS: Final = 3
"""Two archetypes only tell small stores from large ones."""
METHODS: Final = ("mixture", "famd_kmeans", "famd_hdbscan")
"""The mixture decides, and the others are shown beside it."""


def stores_to_segment(features: pd.DataFrame, quarter: Quarter, quarters: int = QUARTERS) -> Recipe:
    """Return the stores of a quarter with what tells their archetypes apart.

    Parameters
    ----------
    features : DataFrame
        Of all quarters up to that one, as `dtc_data.stores.store_features` returns them.
    quarter : Quarter
    quarters : int
        How many, ending with that one, are averaged.

    Raises
    ------
    RetailDataError
        If the features hold no store of the quarter.
    """
    searched = archetype_features(features, quarter, quarters)
    defined = described_features([str(name) for name in searched.columns])
    return Recipe(
        features=searched,
        wave=str(quarter.wave),
        head={
            "unit": {"singular": "store", "plural": "stores"},
            "segment": {"singular": "archetype", "plural": "archetypes"},
            "columns": {"id": "store_id"},
            "stores": {"quarters": quarters},
            "missing_answers": {"minimum_answered": FEWEST_ANSWERED},
        },
        rules=load_naming_rules(STORE_RULES),
        fewest=FEWEST_SEGMENTS,
        methods=METHODS,
        decided_by="stability",
        labels={name: one.label for name, one in defined.items()},
        described={
            name: f"{one.description} ({one.unit})" if one.unit else one.description for name, one in defined.items()
        },
        notes=(f"figures of a store are the mean of the {quarters} quarters that end with {quarter}",),
    )
