"""What a store would make if it made as much per square metre as the typical store of its archetype."""

from typing import Final

import pandas as pd

from dtc_data.stores.actions.expressions import ARCHETYPE
from dtc_data.stores.features import NORMAL_DAYS

FEWEST_STORES: Final = 5
"""Stores with a revenue per square metre that an archetype needs for its median to mean something."""


def store_potential(stores: pd.DataFrame) -> pd.DataFrame:
    """Return the potential of each store beside what it makes.

    Parameters
    ----------
    stores : DataFrame
        Features of one quarter with a column archetype.

    Returns
    -------
    DataFrame
        Indexed as the stores: potential (currency in 91 days: size times the archetype's median revenue per square metre),
        potential_gap (potential less what the store makes in 91 days; below 0 for one that makes more than typical) and
        potential_error (relative error that an imputed size leaves in it, 0 for known sizes). NaN where the size is missing,
        or for archetypes with too few stores.
    """
    per_archetype = stores.groupby(ARCHETYPE)["revenue_per_m2"]
    typical = per_archetype.transform("median").where(per_archetype.transform("count") >= FEWEST_STORES)
    potential = stores["size_m2"] * typical
    return pd.DataFrame(
        {
            "potential": potential,
            "potential_gap": potential - NORMAL_DAYS * stores["revenue_per_day"],
            "potential_error": stores["size_error"].where(potential.notna()),
        }
    )
