"""The rule file with recommended actions, and the stores that each rule is for."""

import re
from pathlib import Path
from typing import Annotated, Any, Final, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dtc_data.core import RetailDataError, read_yaml_mapping
from dtc_data.stores.actions.expressions import ARCHETYPE, Expression
from dtc_data.stores.actions.potential import store_potential

Text = Annotated[str, Field(pattern=r"\S")]

_PLACEHOLDER: Final = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
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
        figures = _PLACEHOLDER.findall(self.reason)
        try:
            for text in (self.condition, *(figure for figure, _ in figures)):
                Expression.parse(text)
        except RetailDataError as error:
            raise ValueError(f"rule {self.name!r}: {error}") from error
        if wrong := [form for _, form in figures if not _FORMAT.fullmatch(form)]:
            raise ValueError(
                f"rule {self.name!r}: the format {wrong[0]!r} in the reason is none of .0f, .1f, ,.0f, .0%"
            )
        return self


class _RuleFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Annotated[tuple[ActionRule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [rule.name for rule in self.rules]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two rules are called {', '.join(sorted(repeated))}")
        return self


def load_action_rules(path: str | Path) -> tuple[ActionRule, ...]:
    """Read the rules of a file such as ``00_create_data/store_actions.yaml``.

    Raises
    ------
    RetailDataError
        If the file cannot be read or a rule is wrong; the message names the rule.
    """
    document = read_yaml_mapping(path, what="rule file", keys="rules", error_type=RetailDataError)
    try:
        return _RuleFile.model_validate(document).rules
    except ValidationError as error:
        problems = "; ".join(_describe(problem) for problem in error.errors())
        raise RetailDataError(f"{path}: {problems}") from error


def _describe(problem: Any) -> str:
    said: str = {"missing": "is missing", "extra_forbidden": "unknown key"}.get(problem["type"], problem["msg"])
    said = said.removeprefix("Value error, ")
    if said.startswith("rule "):
        return said
    where = ", ".join(f"number {step + 1}" if isinstance(step, int) else str(step) for step in problem["loc"])
    return f"{where}: {said}" if where else said


def recommend_actions(stores: pd.DataFrame, rules: tuple[ActionRule, ...]) -> pd.DataFrame:
    """Return which actions the rules recommend for which stores.

    Parameters
    ----------
    stores : DataFrame
        Features of one quarter with a column archetype, and tier where there is one. Rules may also speak of potential,
        potential_gap and potential_error (see :func:`store_potential`).
    rules : tuple of ActionRule
        In the order of their importance.

    Returns
    -------
    DataFrame
        unit_id, rule, action and reason, one row per store and rule that holds; by store, then in the order of the rules.

    Raises
    ------
    RetailDataError
        If a rule speaks of a column that stores do not have.
    """
    if ARCHETYPE not in stores:
        raise RetailDataError("the stores have no column archetype: label them before actions are recommended")
    table = stores.assign(**store_potential(stores))
    parts = [_recommended(table, rule).assign(rank=rank) for rank, rule in enumerate(rules)]
    ordered = pd.concat(parts).sort_values(["unit_id", "rank"], kind="stable")
    return ordered[["unit_id", "rule", "action", "reason"]].reset_index(drop=True)


def _recommended(table: pd.DataFrame, rule: ActionRule) -> pd.DataFrame:
    holds = Expression.parse(rule.condition).holds(table)
    return pd.DataFrame(
        {
            "unit_id": table.loc[holds, "unit_id"],
            "rule": rule.name,
            "action": rule.action,
            "reason": _reasons(table, rule.reason)[holds],
        }
    )


def _reasons(table: pd.DataFrame, reason: str) -> pd.Series:
    """Return the reason with each store's own figures in it."""
    figures = [
        _as_text(Expression.parse(figure).value(table), form, table.index)
        for figure, form in _PLACEHOLDER.findall(reason)
    ]
    between = _PLACEHOLDER.sub("\0", reason).split("\0")
    text = pd.Series(between[0], index=table.index, dtype=object)
    for figure, after in zip(figures, between[1:], strict=True):
        text = text + figure + after
    return text


def _as_text(values: Any, form: str, index: pd.Index) -> pd.Series:
    column = values if isinstance(values, pd.Series) else pd.Series(values, index=index)
    return column.map(lambda value: "unknown" if pd.isna(value) else format(value, form)).astype(object)
