"""The catalogue: the contract about units, features and segments.

Everything else is derived from it: the columns of the unit table, the synthetic waves, the columns that are watched for
drift, the fields of a request and the first version of the registered model.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import AliasChoices, Field, ValidationError, model_validator

from dtc_data.catalogue.catalogue_arrays import CatalogueArrays
from dtc_data.catalogue.catalogue_problems import in_words
from dtc_data.catalogue.catalogue_schema import (
    WEIGHT,
    Columns,
    Feature,
    MissingAnswers,
    Segment,
    Stores,
    Transactions,
)
from dtc_data.catalogue.number_scale import FloatArray
from dtc_data.catalogue.row_size import objection_to_row
from dtc_data.catalogue.schema_parts import Finite, Part, Text, Title
from dtc_data.catalogue.words import Noun, Words
from dtc_data.core import OWN_COLUMNS, CatalogueError, is_sql_name, objection_to_table, read_yaml_mapping

_NO_SQL_LETTER = re.compile(r"[^a-z0-9_]", re.ASCII)
_MODEL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*", re.ASCII)

NEAREST_CENTROID: Final = "nearest_centroid"
MIXTURE: Final = "mixture"
"""Rules that a catalogue may name; the model document has the kind of the same name."""

_SHARES_WITHIN: Final = 0.01
"""How far the shares of all segments may be from 1 in all, as they are often rounded."""

_BEFORE_WORDS = {"unit": "respondent", "segment": "persona"}
"""The words of catalogues from before they had any; such a catalogue is known by its ``personas``."""


class Catalogue(Part):
    """The segments of one client, and the features in which their centroids are given."""

    name: Title
    unit: Noun = Noun(singular="unit", plural="units")
    segment: Noun = Noun(singular="segment", plural="segments")
    unit_table: Annotated[Text, Field(validation_alias=AliasChoices("unit_table", "table", "respondent_table"))] = (
        "customer_features"
    )
    registered_model: Text
    source: str = ""
    columns: Columns = Columns()
    missing_answers: MissingAnswers = MissingAnswers()
    transactions: Transactions | None = None
    """Where the units are customers and the features are made of what they bought; None for all others."""
    stores: Stores | None = None
    """Where the units are stores and the features are made of a retailer's files, a wave being a quarter; None for all others."""
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]
    projection: tuple[tuple[Finite, ...], ...] = ()
    """Matrix by which the columns of the distance are multiplied, a row for each of them; none if empty."""
    rule: Literal["nearest_centroid", "mixture"] = NEAREST_CENTROID
    """How a unit gets its segment: the nearest centroid, or the most probable of distributions over mixed features."""
    centroid_units: Literal["answers", "z"] = "answers"
    """What the centroids' numbers are in: the unit of the answers, or the vendor's z-scores by mean and sd."""
    segments: Annotated[tuple[Segment, ...], Field(min_length=2, validation_alias=AliasChoices("segments", "personas"))]

    @model_validator(mode="before")
    @classmethod
    def _imply_words(cls, document: Any) -> Any:
        return _BEFORE_WORDS | document if isinstance(document, dict) and "personas" in document else document

    @model_validator(mode="after")
    def _check(self) -> Self:
        if objection := objection_to_table(self.unit_table):
            raise ValueError(f"unit_table {self.unit_table!r} {objection}")
        if _MODEL_NAME.fullmatch(self.registered_model) is None:
            raise ValueError(f"registered_model {self.registered_model!r} may hold letters, digits, spaces, _, - and .")
        if objection := objection_to_row(self.features):
            raise ValueError(f"features: {objection}")
        self._check_uniqueness()
        self._check_projection()
        self._check_centroids()
        self._check_distributions()
        fewest = self.missing_answers.minimum_answered
        if fewest is not None and fewest > len(self.features):
            raise ValueError(
                f"missing_answers.minimum_answered is {fewest}, but there are {len(self.features)} features"
            )
        return self

    def _check_uniqueness(self) -> None:
        _refuse_repetition("feature name", self.feature_names)
        _refuse_repetition(f"{self.words.segment} id", self.segment_ids)
        _refuse_repetition(f"{self.words.segment} name", self.segment_names)
        codes = [segment.code for segment in self.segments if segment.code is not None]
        _refuse_repetition(f"{self.words.segment} code", codes)
        if ambiguous := sorted(set(codes).intersection(map(str, self.segment_ids))):
            raise ValueError(f"code {ambiguous[0]!r} is also the id of a {self.words.segment}: leave the code out")
        columns = self.columns
        own = (columns.id, columns.date, columns.weight, columns.wave, self.file_segment_column)
        _refuse_repetition(
            f"the survey file's column (columns.id, columns.date, columns.weight, columns.wave, {self.segment_column}, "
            "features)",
            filter(None, (*own, *(feature.file_column for feature in self.features))),
        )

    def _check_projection(self) -> None:
        rows = self.projection
        widths = {len(row) for row in rows}
        n_columns = sum(feature.width for feature in self.features)
        if rows and (len(rows) != n_columns or len(widths) != 1 or not 0 < len(rows[0]) <= n_columns):
            raise ValueError(
                f"projection needs a row of equally many numbers for each of the {n_columns} columns of the distance "
                "(one per feature, and one per value of a category)"
            )
        if rows and self.missing_answers.minimum_answered is not None:
            raise ValueError("projection mixes all answers, so that none may be missing: leave missing_answers out")

    def _check_centroids(self) -> None:
        word = self.words.segment
        for segment in self.segments:
            if len(segment.centroid) != len(self.features):
                raise ValueError(
                    f"{word} {segment.name!r} has a centroid of {len(segment.centroid)} numbers, "
                    f"but there are {len(self.features)} features"
                )
        if self.centroid_units == "z" and (
            raw := [feature.name for feature in self.features if feature.type != "category" and feature.sd is None]
        ):
            raise ValueError(f"centroid_units is z, but feature {raw[0]!r} has no mean and sd")
        try:
            scaled = self.centroids / self.scales
        except ValueError as error:
            raise ValueError(f"{word} {error}") from error
        for (one, first), (other, second) in combinations(zip(self.segment_names, scaled, strict=True), 2):
            # Squared like a distance, so that centroids too close for a distance count as identical too.
            if not np.sum((first - second) ** 2) > 0:
                raise ValueError(f"{self.words.segments} {one!r} and {other!r} have identical centroids")

    def _check_distributions(self) -> None:
        word, is_mixture = self.words.segment, self.rule == MIXTURE
        for segment in self.segments:
            if is_mixture != (segment.share is not None) or (segment.spreads and not is_mixture):
                raise ValueError(
                    f"{word} {segment.name!r}: rule mixture needs the share of each {word}, and no other rule has shares or spreads"
                )
            if segment.spreads and len(segment.spreads) != len(self.features):
                raise ValueError(
                    f"{word} {segment.name!r} has {len(segment.spreads)} spreads, but there are {len(self.features)} features"
                )
        if is_mixture and (abs(sum(filter(None, self.shares)) - 1) > _SHARES_WITHIN or self.projection):
            raise ValueError(
                f"rule mixture needs shares of the {self.words.segments} that are 1 in all, and no projection"
            )

    @cached_property
    def _arrays(self) -> CatalogueArrays:
        return CatalogueArrays.of(self.features, self.segments, in_z_units=self.centroid_units == "z")

    @cached_property
    def words(self) -> Words:
        """What messages call units and segments."""
        return Words(self.unit.singular, self.unit.plural, self.segment.singular, self.segment.plural)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in the catalogue's order."""
        return tuple(feature.name for feature in self.features)

    @property
    def scales(self) -> FloatArray:
        """Divisors of the columns of a centroid, ``(n_columns,)``."""
        return self._arrays.scales

    @property
    def limits(self) -> FloatArray:
        """Smallest and largest valid answers, ``(2, n_features)``."""
        return self._arrays.limits

    @property
    def centroids(self) -> FloatArray:
        """Centroids in the unit of the answers, with the share of each value of a category, ``(n_segments, n_columns)``."""
        return self._arrays.centroids

    @property
    def shares(self) -> tuple[float | None, ...]:
        """Share of the units that a mixture expects in each segment; None where the rule knows none."""
        return tuple(segment.share for segment in self.segments)

    @property
    def centroid_columns(self) -> tuple[str, ...]:
        """Names of the centroids' columns for people, ``region = north`` for a category."""
        return tuple(name for feature in self.features for name in feature.column_names)

    @property
    def segment_column(self) -> str:
        """What the column with the label is called in tables and files."""
        return "persona" if self.words.segment == "persona" else "segment"

    @property
    def file_segment_column(self) -> str:
        """What survey files call the column with the vendor's segment."""
        return self.columns.segment or self.segment_column

    @property
    def id_column(self) -> str:
        """What the column with the units' ids is called in the table: as in files, where a column can be called so."""
        given = self.columns.id
        taken = OWN_COLUMNS - {"customer_id"}
        return given if is_sql_name(given) and given not in taken else "unit_id"

    @cached_property
    def weight_column(self) -> str | None:
        """Column with the units' weights in files and frames that have any.

        None if a feature or another column has the name that it would have by default: that column is not a weight then.
        """
        taken = {self.columns.id, self.columns.date, *(feature.file_column for feature in self.features)}
        return self.columns.weight or (None if WEIGHT in taken else WEIGHT)

    @property
    def minimum_answered(self) -> int:
        """Fewest answered features with which a unit is labelled."""
        return self.missing_answers.minimum_answered or len(self.features)

    @cached_property
    def segment_ids(self) -> tuple[int, ...]:
        """Ids of the segments in the catalogue's order."""
        return tuple(segment.id for segment in self.segments)

    @cached_property
    def segment_names(self) -> tuple[str, ...]:
        """Names of the segments in the catalogue's order."""
        return tuple(segment.name for segment in self.segments)


def load_catalogue(path: str | Path) -> Catalogue:
    """Read a catalogue and check all of it.

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
        raise CatalogueError(f"{path}: {in_words(error.errors(), document)}") from error


_TABLE_KEYS = {"unit_table", "table", "respondent_table"}
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
