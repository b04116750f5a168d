"""Data of others that lies beside the project on some machines; whatever needs it is skipped elsewhere."""

import csv

import pytest
from dtc_data import Catalogue
from dtc_stack.settings import PROJECT_FOLDER

SHARED_DATA = PROJECT_FOLDER.parent / "shared" / "data"

WINTER_TOURISTS = SHARED_DATA / "winter_tourists"
"""2,961 people, 27 yes/no questions, and the centroids of three personas."""

needs_winter_tourists = pytest.mark.skipif(
    not WINTER_TOURISTS.is_dir(), reason="the survey of winter tourists is not on this machine"
)


def winter_tourists() -> Catalogue:
    """Make the catalogue of the winter tourists from their centroids."""
    with (WINTER_TOURISTS / "centroids.csv").open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return Catalogue.model_validate(
        {
            "name": "Winter tourists",
            "unit_table": "winter_tourists",
            "registered_model": "winter_tourists_clustering_model",
            "columns": {"id": "respondent"},
            "features": [{"name": name, "minimum": 0, "maximum": 1} for name in header[1:]],
            "personas": [
                {"id": number, "name": row[0], "centroid": [float(cell) for cell in row[1:]]}
                for number, row in enumerate(rows)
            ],
        }
    )
