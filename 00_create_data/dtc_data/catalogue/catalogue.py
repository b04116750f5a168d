"""The persona catalogue: the contract with the vendor who segmented the customers.

Everything else is derived from it: the columns of the respondent table, the synthetic waves, the columns that are
watched for drift, the fields of a request and the first version of the registered model.
"""

import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import AliasChoices, Field, ValidationError, model_validator

from dtc_data.catalogue.catalogue_schema import (
    LONGEST_TITLE,
    WEIGHT,
    Columns,
    Feature,
    MissingAnswers,
    Part,
    Segment,
    Text,
    Title,
)
from dtc_data.core import CatalogueError, is_sql_name, objection_to_table, read_yaml_mapping

__all__ = [
    "Catalogue",
    "Columns",
    "Feature",
    "FloatArray",
    "MissingAnswers",
    "Segment",
    "is_sql_name",
    "load_catalogue",
]

FloatArray = npt.NDArray[np.float64]

_NO_SQL_LETTER = re.compile(r"[^a-z0-9_]", re.ASCII)
_MODEL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*", re.ASCII)


class Catalogue(Part):
    """The personas of one client, and the features in which their centroids are given."""

    name: Title
    unit_table: Annotated[Text, Field(validation_alias=AliasChoices("unit_table", "respondent_table"))] = (
        "customer_features"
    )
    registered_model: Text
    source: str = ""
    columns: Columns = Columns()
    missing_answers: MissingAnswers = MissingAnswers()
    features: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=1_500)]  # Postgres takes 1,600 columns
    segments: Annotated[tuple[Segment, ...], Field(min_length=2, validation_alias=AliasChoices("segments", "personas"))]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if objection := objection_to_table(self.unit_table):
            raise ValueError(f"unit_table {self.unit_table!r} {objection}")
        if _MODEL_NAME.fullmatch(self.registered_model) is None:
            raise ValueError(f"registered_model {self.registered_model!r} may hold letters, digits, spaces, _, - and .")
        self._check_uniqueness()
        for segment in self.segments:
            self._check_centroid(segment)
        self._check_that_segments_differ()
        fewest = self.missing_answers.minimum_answered
        if fewest is not None and fewest > len(self.features):
            raise ValueError(
                f"missing_answers.minimum_answered is {fewest}, but there are {len(self.features)} features"
            )
        return self

    def _check_uniqueness(self) -> None:
        _refuse_repetition("feature name", self.feature_names)
        _refuse_repetition("persona id", self.segment_ids)
        _refuse_repetition("persona name", self.segment_names)
        weight = (self.columns.weight,) if self.columns.weight else ()
        names_in_file = (self.columns.id, self.columns.date, *weight, "persona", *self.feature_names)
        _refuse_repetition(
            "the survey file's column (columns.id, columns.date, columns.weight, persona, features)", names_in_file
        )

    def _check_centroid(self, segment: Segment) -> None:
        if len(segment.centroid) != len(self.features):
            raise ValueError(
                f"persona {segment.name!r} has a centroid of {len(segment.centroid)} numbers, "
                f"but there are {len(self.features)} features"
            )
        for feature, value in zip(self.features, segment.centroid, strict=True):
            low, high = feature.limits
            if not low <= value <= high:
                raise ValueError(
                    f"persona {segment.name!r}: the centroid's {value:g} for {feature.name!r} "
                    f"lies outside its range from {low:g} to {high:g}"
                )

    def _check_that_segments_differ(self) -> None:
        scaled = self.centroids / self.scales
        for (one, first), (other, second) in combinations(zip(self.segment_names, scaled, strict=True), 2):
            # Squared like a distance, so that centroids too close for a distance count as identical too.
            if not np.sum((first - second) ** 2) > 0:
                raise ValueError(f"personas {one!r} and {other!r} have identical centroids")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in the catalogue's order."""
        return tuple(feature.name for feature in self.features)

    @property
    def scales(self) -> FloatArray:
        """Divisors of the features, ``(n_features,)``."""
        return np.array([feature.scale for feature in self.features])

    @property
    def limits(self) -> FloatArray:
        """Smallest and largest valid answers, ``(2, n_features)``."""
        return np.array([feature.limits for feature in self.features]).T

    @property
    def centroids(self) -> FloatArray:
        """Centroids in the unit of the answers, ``(n_segments, n_features)``."""
        return np.array([segment.centroid for segment in self.segments])

    @property
    def weight_column(self) -> str | None:
        """Column with the respondents' weights in files and frames that have any.

        None if a feature or another column has the name that it would have by default: that column is no weight then.
        """
        taken = {self.columns.id, self.columns.date, *self.feature_names}
        return self.columns.weight or (None if WEIGHT in taken else WEIGHT)

    @property
    def minimum_answered(self) -> int:
        """Fewest answered features with which a respondent is labelled."""
        return self.missing_answers.minimum_answered or len(self.features)

    @property
    def segment_ids(self) -> tuple[int, ...]:
        """Ids of the personas in the catalogue's order."""
        return tuple(segment.id for segment in self.segments)

    @property
    def segment_names(self) -> tuple[str, ...]:
        """Names of the personas in the catalogue's order."""
        return tuple(segment.name for segment in self.segments)


def load_catalogue(path: str | Path) -> Catalogue:
    """Read a persona catalogue and check all of it.

    A catalogue that names no table or registered model has those of its file's name.

    Parameters
    ----------
    path : str or Path
        A YAML file such as ``00_create_data/catalogues/dtc_personas.yaml``.

    Raises
    ------
    CatalogueError
        If the file cannot be read or any entry is wrong; the message names the file and each entry.
    """
    document = read_yaml_mapping(path)
    table, model = names_in(document, path)
    own_name = {"registered_model": model} | ({} if document.keys() & _TABLE_KEYS else {"unit_table": table})
    try:
        return Catalogue.model_validate(own_name | document)
    except ValidationError as error:
        problems = "; ".join(_describe(problem, document) for problem in error.errors())
        raise CatalogueError(f"{path}: {problems}") from error


_TABLE_KEYS = {"unit_table", "respondent_table"}
"""Keys under which a catalogue may name its table."""


def names_in(document: Mapping[str, Any], path: str | Path) -> tuple[Any, Any]:
    """Return the table and the registered model that a catalogue file names, else those of the file's own name."""
    stem = Path(path).stem
    table = next((document[key] for key in _TABLE_KEYS & document.keys()), _NO_SQL_LETTER.sub("_", stem.lower()))
    return table, document.get("registered_model", stem)


def _refuse_repetition(what: str, values: Iterable[str | int]) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            raise ValueError(f"{what} {value!r} is given twice")


_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "unknown key",
    "float_type": "must be a number, not {} (no quotes, and a point before an exponent as in 1.0e-5)",
    "finite_number": "must be a finite number, not {}",
    "int_type": "must be a whole number, not {}",
    "string_too_long": f"may have at most {LONGEST_TITLE} characters",
    "string_type": "must be text, not {} (write it in quotes)",
    "string_pattern_mismatch": "must not be blank",
    "tuple_type": "must be a list, not {}",
    "model_type": "must be a mapping, not {}",
}
"""Words for the kinds of problem that pydantic would describe for programmers."""


def _describe(problem: Any, document: Any) -> str:
    """Say one problem in words, with the feature or persona by name where it has one."""
    where: list[str] = []
    entry = document
    for step in problem["loc"]:
        try:
            entry = entry[step]
        except (KeyError, IndexError, TypeError):  # the entry that is missing
            entry = None
        if isinstance(step, int):
            name = f" ({entry['name']!r})" if isinstance(entry, dict) and "name" in entry else ""
            where[-1] += f" number {step + 1}{name}"
        else:
            where.append(step)
    template = _MESSAGES.get(problem["type"])
    said = template.format(reprlib.repr(problem["input"])) if template else problem["msg"].removeprefix("Value error, ")
    return f"{', '.join(where)}: {said}" if where else said
