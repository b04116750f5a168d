"""The persona catalogue: the contract with the vendor who segmented the customers.

Everything else is derived from it: the columns of the respondent table, the synthetic waves, the columns that are
watched for drift, the fields of a request and the first version of the registered model.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dtc_data.errors import CatalogueError

FloatArray = npt.NDArray[np.float64]

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
_TABLE_COLUMNS = frozenset({"customer_id", "date", "persona", "model_version", "labelled_at"})
"""Columns that the respondent table has beside the features."""

Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Text = Annotated[str, Field(min_length=1, strict=True)]


def is_sql_name(text: str) -> bool:
    """Tell whether a text can be the name of a table or column without quotes (lower case, at most 63 characters)."""
    return _IDENTIFIER.fullmatch(text) is not None


def _first_repeated(values: list[Any]) -> Any | None:
    seen: set[Any] = set()
    return next((value for value in values if value in seen or seen.add(value)), None)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Feature(_Part):
    """One survey feature."""

    name: Text
    scale: Annotated[Finite, Field(gt=0)] = 1.0
    """Divisor applied before distances are taken, in the unit of the answers."""
    minimum: Finite | None = None
    maximum: Finite | None = None
    description: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not is_sql_name(self.name):
            raise ValueError(f"feature name {self.name!r} must be lower-case letters, digits and _, at most 63 of them")
        if self.name in _TABLE_COLUMNS:
            raise ValueError(f"feature name {self.name!r} is a column of the respondent table: choose another")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError(f"feature {self.name!r}: minimum {self.minimum:g} is not below maximum {self.maximum:g}")
        return self


class Persona(_Part):
    """A named segment of customers with its centroid, in the unit of the answers and the order of the features."""

    id: Annotated[int, Field(ge=0, lt=2**31, strict=True)]
    name: Text
    description: str = ""
    centroid: Annotated[tuple[Finite, ...], Field(min_length=1)]

    @field_validator("centroid", mode="before")
    @classmethod
    def _whole_numbers_are_numbers(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return tuple(float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in value)


class Columns(_Part):
    """How the vendor's files name the two columns that are not features."""

    id: Text = "customer_id"
    date: Text = "date"


class MissingAnswers(_Part):
    """What is done about respondents who left answers out."""

    minimum_answered: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Fewest answered features with which a respondent is still labelled; None demands all of them."""


class Catalogue(_Part):
    """The personas of one client, and the features in which their centroids are given."""

    name: Text
    respondent_table: Text = "customer_features"
    registered_model: Text
    source: str = ""
    columns: Columns = Columns()
    missing_answers: MissingAnswers = MissingAnswers()
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]
    personas: Annotated[tuple[Persona, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not is_sql_name(self.respondent_table):
            raise ValueError(f"respondent_table {self.respondent_table!r} must be lower-case letters, digits and _")
        if re.fullmatch(r"[A-Za-z0-9_. -]+", self.registered_model, re.ASCII) is None:
            raise ValueError(f"registered_model {self.registered_model!r} may hold letters, digits, spaces, _, - and .")
        for what, values in (
            ("feature name", [feature.name for feature in self.features]),
            ("persona id", [persona.id for persona in self.personas]),
            ("persona name", [persona.name for persona in self.personas]),
        ):
            if (repeated := _first_repeated(values)) is not None:
                raise ValueError(f"{what} {repeated!r} is given twice")
        if self.columns.id == self.columns.date or {self.columns.id, self.columns.date} & set(self.feature_names):
            raise ValueError("columns.id, columns.date and the features must have different names")
        self._check_centroids()
        fewest = self.missing_answers.minimum_answered
        if fewest is not None and fewest > len(self.features):
            raise ValueError(f"missing_answers.minimum_answered is {fewest}, but there are {len(self.features)} features")
        return self

    def _check_centroids(self) -> None:
        by_centroid: dict[tuple[float, ...], str] = {}
        for persona in self.personas:
            if len(persona.centroid) != len(self.features):
                raise ValueError(
                    f"persona {persona.name!r} has a centroid of {len(persona.centroid)} numbers, "
                    f"but there are {len(self.features)} features"
                )
            if (twin := by_centroid.setdefault(persona.centroid, persona.name)) != persona.name:
                raise ValueError(f"personas {twin!r} and {persona.name!r} have identical centroids")
            for feature, value in zip(self.features, persona.centroid, strict=True):
                low, high = feature.minimum, feature.maximum
                if (low is not None and value < low) or (high is not None and value > high):
                    raise ValueError(f"persona {persona.name!r}: {value:g} lies outside the range of {feature.name!r}")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in the catalogue's order."""
        return tuple(feature.name for feature in self.features)

    @property
    def scales(self) -> FloatArray:
        """Divisors of the features, ``(n_features,)``."""
        return np.array([feature.scale for feature in self.features])

    @property
    def centroids(self) -> FloatArray:
        """Centroids in the unit of the answers, ``(n_personas, n_features)``."""
        return np.array([persona.centroid for persona in self.personas])

    @property
    def persona_ids(self) -> tuple[int, ...]:
        """Ids of the personas in the catalogue's order."""
        return tuple(persona.id for persona in self.personas)

    @property
    def persona_names(self) -> tuple[str, ...]:
        """Names of the personas in the catalogue's order."""
        return tuple(persona.name for persona in self.personas)


class _UniqueKeyLoader(yaml.SafeLoader):
    """A YAML loader that refuses a key given twice instead of keeping the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping and refuse repeated keys."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if (repeated := _first_repeated([str(key) for key in keys])) is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {repeated!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def load_catalogue(path: str | Path) -> Catalogue:
    """Read a persona catalogue and check all of it.

    Parameters
    ----------
    path : str or Path
        A YAML file such as ``00_create_data/personas.yaml``.

    Raises
    ------
    CatalogueError
        If the file cannot be read or any entry is wrong; the message names the file and each entry.
    """
    try:
        document = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: the persona catalogue cannot be read: {error}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CatalogueError(f"{path}: not a valid YAML file: {error}") from error
    if not isinstance(document, dict):
        raise CatalogueError(f"{path}: a catalogue is a mapping with name, registered_model, features and personas")
    try:
        return Catalogue.model_validate(document)
    except ValidationError as error:
        raise CatalogueError(f"{path}: " + "; ".join(_describe(problem, document) for problem in error.errors())) from error


def _describe(problem: Any, document: dict[str, Any]) -> str:
    """Say one problem in words, with the feature or persona by name where it has one."""
    location = list(problem["loc"])
    words = ".".join(str(step) for step in location)
    if len(location) > 1 and location[0] in {"features", "personas"}:
        entry = document[location[0]][location[1]]
        if isinstance(entry, dict) and "name" in entry:
            words += f" ({entry['name']!r})"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = "unknown key"
    return f"{words}: {message}" if words else message
