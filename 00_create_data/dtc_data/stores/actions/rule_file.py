"""The rule file with recommended actions: rules for single stores, and rules for whole archetypes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dtc_data.core import RetailDataError, read_yaml_mapping
from dtc_data.stores.actions.expressions import Expression

Text = Annotated[str, Field(pattern=r"\S")]
Side = Literal["high", "low"]

PLACEHOLDER: Final = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
"""A figure in a reason, and its format."""
_FORMAT: Final = re.compile(r",?(\.\d)?[f%]|")
"""Formats of figures: with thousands separators, decimals, as a share; nothing else of Python's."""


class ActionRule(BaseModel):
    """When what should be done with a store, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    condition: Text
    action: Text
    reason: Text
    """Text with figures of the store in braces, such as {out_of_stock_days:.0f} or {median(basket_value):.2f}."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        list(_expressions(self.name, self.condition))
        list(_figures(self.name, self.reason))
        return self


class ArchetypeRule(BaseModel):
    """What should be done with the stores of an archetype that differs from all others in some features, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    when: Annotated[dict[Text, Side], Field(min_length=1)]
    """By feature whether the archetype's mean must lie above or below that of the other stores."""
    action: Text
    reason: Text
    """Text with figures of the archetype in braces, such as {mean(growth):.0%} or {others(growth):.0%}."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in self.when:
            list(_expressions(self.name, f"mean({name})"))
        for figure in _figures(self.name, self.reason):
            if own := sorted(figure.names_of_one_store):
                raise ValueError(
                    f"rule {self.name!r}: {own[0]} is a figure of one store, but the reason is that of an archetype: say "
                    f"mean({own[0]}) or others({own[0]})"
                )
        return self


class ActionRules(BaseModel):
    """All rules of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Annotated[tuple[ActionRule, ...], Field(min_length=1)]
    """For single stores, in the order of their importance."""
    archetypes: tuple[ArchetypeRule, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [rule.name for rule in self.rules] + [rule.name for rule in self.archetypes]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two rules are called {', '.join(sorted(repeated))}")
        return self


def load_action_rules(path: str | Path) -> ActionRules:
    """Read the rules of a file such as ``00_create_data/store_actions.yaml``.

    Raises
    ------
    RetailDataError
        If the file cannot be read or a rule is wrong; the message names the rule.
    """
    document = read_yaml_mapping(path, what="rule file", keys="rules", error_type=RetailDataError)
    try:
        return ActionRules.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(_describe(problem) for problem in error.errors())
        raise RetailDataError(f"{path}: {problems}") from error


def _figures(rule: str, reason: str) -> Iterator[Expression]:
    """Return what stands in the braces of a reason."""
    for figure, form in PLACEHOLDER.findall(reason):
        yield from _expressions(rule, figure)
        if not _FORMAT.fullmatch(form):
            raise ValueError(f"rule {rule!r}: the format {form!r} in the reason is none of .0f, .1f, ,.0f, .0%")


def _expressions(rule: str, text: str) -> Iterator[Expression]:
    try:
        yield Expression.parse(text)
    except RetailDataError as error:
        raise ValueError(f"rule {rule!r}: {error}") from error


def _describe(problem: Any) -> str:
    said: str = {"missing": "is missing", "extra_forbidden": "unknown key"}.get(problem["type"], problem["msg"])
    said = said.removeprefix("Value error, ")
    if said.startswith("rule "):
        return said
    where = ", ".join(f"number {step + 1}" if isinstance(step, int) else str(step) for step in problem["loc"])
    return f"{where}: {said}" if where else said
