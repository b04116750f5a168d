"""A catalogue with features of every type."""

from typing import Any, Final

from dtc_data import Catalogue

MIXED: Final[dict[str, Any]] = {
    "name": "Households",
    "table": "households",
    "registered_model": "household_model",
    "unit": "household",
    "features": [
        {"name": "income", "transform": "log1p", "scale": 2.0, "minimum": 0, "maximum": 1_000_000},
        {
            "name": "calm",
            "type": "grade",
            "minimum": 1,
            "maximum": 6,
            "reversed": True,
            "label": "Calm",
            "missing": [99],
        },
        {"name": "how_often", "type": "grade", "values": ["never", "sometimes", "often"]},
        {"name": "owns_car", "type": "yes_no", "question": "Do you own a car?"},
        {
            "name": "region",
            "type": "category",
            "values": ["north", "south", "abroad"],
            "shares": [0.5, 0.3, 0.2],
            "missing": ["refused"],
        },
    ],
    "segments": [
        {"id": 1, "name": "Comfortable", "centroid": [3000, 5, "sometimes", 0.25, "north"]},
        {"id": 2, "name": "Struggling", "centroid": [500, 1.5, 2.5, 0.75, {"south": 0.75, "north": 0.25}]},
    ],
}


def mixed_catalogue(**changes: Any) -> Catalogue:
    """Make the catalogue, with other entries at its top where wanted."""
    return Catalogue.model_validate(MIXED | changes)
