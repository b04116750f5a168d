"""Names for segments of customers, proposed by rules that a person can edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import numpy as np
import pandas as pd
from dtc_data.core import read_yaml_mapping
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from scipy.optimize import linear_sum_assignment

from dtc_model.errors import TrainingError
from dtc_model.rule import FloatArray, IntArray

SHIPPED_RULES: Final = Path(__file__).with_name("customer_names.yaml")
"""Rules for segments by recency, frequency and monetary value."""
STORE_RULES: Final = Path(__file__).with_name("store_names.yaml")
"""Rules for archetypes of stores."""

Text = Annotated[str, Field(pattern=r"\S")]
Position = Annotated[float, Field(ge=0, le=1)]

_INSIDE: Final = 0.1
"""Weight of the distance from the middle of a rule's ranges, beside that from the ranges themselves."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleFeature(_Part):
    """What may play a part in the rules, and which end of it is the good one."""

    columns: Annotated[tuple[Text, ...], Field(min_length=1)]
    best: Literal["largest", "smallest"]


class NameRule(_Part):
    """When a segment has a name, and what to do for it."""

    name: Text
    when: Annotated[dict[str, tuple[Position, Position]], Field(min_length=1)]
    rule: Text
    action: Text


class NamingRules(_Part):
    """The rules of one file."""

    features: Annotated[dict[str, RuleFeature], Field(min_length=1)]
    names: Annotated[tuple[NameRule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [rule.name for rule in self.names]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the name {repeated[0]!r} is given twice")
        for rule in self.names:
            if set(rule.when) != set(self.features):
                raise ValueError(f"{rule.name!r} must say where it lies in each of {', '.join(self.features)}")
            if empty := [part for part, (low, high) in rule.when.items() if low > high]:
                raise ValueError(f"{rule.name!r}: the range of {empty[0]} runs from the larger to the smaller end")
        return self

    def columns_in(self, features: pd.DataFrame) -> dict[str, str] | None:
        """Return the column that plays each part; None if one is not there."""
        found = {
            part: next((column for column in feature.columns if column in features.columns), None)
            for part, feature in self.features.items()
        }
        complete = {part: column for part, column in found.items() if column is not None}
        return complete if len(complete) == len(found) else None


@dataclass(frozen=True)
class ProposedName:
    """A proposed name, and why."""

    segment_id: int
    name: str
    rule: str
    action: str
    positions: Mapping[str, float]
    """Where the segment's units stand among all on average, from 0, the worst, to 1, the best."""
    holds: bool
    """Whether the segment lies in all ranges of the rule, or it was only the nearest that was left."""

    @property
    def description(self) -> str:
        """The rule in words, with where the segment stands."""
        places = ", ".join(f"{part} {position:.0%}" for part, position in self.positions.items())
        nearest = "" if self.holds else " The nearest rule; it does not hold in full."
        return f"{self.rule} Where it stands among all, from 0% for the worst to 100% for the best: {places}.{nearest}"


def load_naming_rules(path: str | Path = SHIPPED_RULES) -> NamingRules:
    """Read a file of rules and check all of it.

    Raises
    ------
    TrainingError
        If an entry is wrong; the message names the file and the entry.
    CatalogueError
        If the file cannot be read.
    """
    try:
        return NamingRules.model_validate(read_yaml_mapping(path))
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise TrainingError(f"{path}: {'; '.join(problems)}") from error


def propose_names(features: pd.DataFrame, labels: IntArray, rules: NamingRules) -> list[ProposedName]:
    """Return a name for each segment, by id, such that all together lie as near to their rules as possible.

    Parameters
    ----------
    features : DataFrame of shape (n_units, n_features)
        With a column for each part of the rules.
    labels : ndarray of shape (n_units,)
        Segment ids, below 0 for none.
    rules : NamingRules

    Raises
    ------
    TrainingError
        If a part has no column, or there are more segments than names.
    """
    columns = rules.columns_in(features)
    ids = [int(id_) for id_ in np.unique(labels[labels >= 0])]
    if columns is None:
        wanted = "; ".join(f"{part}: {' or '.join(feature.columns)}" for part, feature in rules.features.items())
        raise TrainingError(f"the rules for names need a column for each part ({wanted})")
    if len(ids) > len(rules.names):
        raise TrainingError(f"{len(ids)} segments need as many names, but the rules have {len(rules.names)}: add some")
    positions = _positions(features, labels, ids, rules, columns)
    outside, distances = _distances(positions, rules)
    segments, chosen = linear_sum_assignment(distances)
    return [
        ProposedName(
            segment_id=ids[segment],
            name=rules.names[rule].name,
            rule=rules.names[rule].rule,
            action=rules.names[rule].action,
            positions=dict(zip(rules.features, positions[segment].round(4).tolist(), strict=True)),
            holds=bool(outside[segment, rule] == 0),
        )
        for segment, rule in zip(segments, chosen, strict=True)
    ]


def _positions(
    features: pd.DataFrame, labels: IntArray, ids: list[int], rules: NamingRules, columns: dict[str, str]
) -> FloatArray:
    """Return the mean rank of each segment's units in each part, ``(n_segments, n_parts)``; equal values rank alike."""
    ranks = np.column_stack(
        [
            features[columns[part]].rank(pct=True, ascending=feature.best == "largest").to_numpy(dtype=np.float64)
            for part, feature in rules.features.items()
        ]
    )
    return np.stack([np.nan_to_num(np.nanmean(ranks[labels == id_], axis=0), nan=0.5) for id_ in ids])


def _distances(positions: FloatArray, rules: NamingRules) -> tuple[FloatArray, FloatArray]:
    """Return how far each segment lies outside each rule's ranges, and that with the distance from their middle."""
    lows = np.array([[rule.when[part][0] for part in rules.features] for rule in rules.names])
    highs = np.array([[rule.when[part][1] for part in rules.features] for rule in rules.names])
    places = positions[:, None, :]
    outside = np.maximum(np.maximum(lows - places, places - highs), 0.0).sum(axis=2)
    return outside, outside + _INSIDE * np.abs(places - (lows + highs) / 2).sum(axis=2)
