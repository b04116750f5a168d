"""One unit near each segment, as a program and the page of documentation send it."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from dtc_data.catalogue import Catalogue, Feature, answer_columns
from dtc_model.rule import Encoder

from dtc_service.formats import CSV, JSON

NEARNESS: Final = 0.9
"""Weight of the own centroid in an example unit; the rest is the next segment's."""


def example_units(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Make one unit near each segment, always the same, by feature name.

    Each lies on the way from one centroid to the next as distances see it (a tenth of the way in ranks is far in money),
    so the answers stay within the catalogue's ranges. Where only whole numbers or values are answers it gives the nearest,
    or the most frequent.
    """
    encoder = Encoder.of_catalogue(catalogue)
    own, following = catalogue.centroids, np.roll(catalogue.centroids, -1, axis=0)
    scaled = encoder.scaled_centroids(own)
    between = encoder.decode(NEARNESS * scaled + (1 - NEARNESS) * np.roll(scaled, -1, axis=0))
    # What is rounded on the way there and back must not lead past a centroid, which may lie on the edge of a range.
    answers = encoder.typical_answers(np.clip(between, np.minimum(own, following), np.maximum(own, following)))
    columns = answer_columns(answers, catalogue.features)
    return [
        {
            name: column[row].item() if isinstance(column[row], np.generic) else column[row]
            for name, column in columns.items()
        }
        for row in range(len(answers))
    ]


def example_bodies(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Return bodies that can be sent as they are, by media type and by a word for how they are written."""
    units = [
        {feature.name: _short(unit[feature.name], feature) for feature in catalogue.features}
        for unit in example_units(catalogue)
    ]
    rows = [list(unit.values()) for unit in units]
    return {
        JSON: {
            "objects": {"summary": "Objects by feature name", "value": units},
            "arrays": {"summary": "Arrays in the order of the features", "value": rows},
        },
        CSV: {"table": {"summary": "A table", "value": _table([catalogue.feature_names, *rows])}},
    }


def _short(answer: Any, feature: Feature) -> Any:
    """Return a number with the digits that a person would write, unless that leads out of its range."""
    if not isinstance(answer, float):
        return answer
    low, high = feature.limits
    short = float(f"{answer:.4g}")
    return short if low <= short <= high else answer


def _table(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
