"""Catalogues with as many features as one likes."""

from typing import Any, Final

from dtc_data import Catalogue

MOST_NUMBERS: Final = 992
"""Numbers that fit into a row of Postgres, see `dtc_data.catalogue.row_size`."""


def wide_catalogue(n_features: int, feature: dict[str, Any] | None = None) -> Catalogue:
    """Make a catalogue of features that are all alike, numbers if nothing else is said."""
    return Catalogue.model_validate(
        {
            "name": "wide",
            "table": "wide_features",
            "registered_model": "wide_model",
            "features": [{"name": f"f{number}", **(feature or {})} for number in range(n_features)],
            "segments": [
                {"id": 1, "name": "Low", "centroid": [1.0] * n_features},
                {"id": 2, "name": "High", "centroid": [2.0] * n_features},
            ],
        }
    )
