"""Which rules of the rule file speak to which stores, and to which archetypes."""

from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_data.core import RetailDataError
from dtc_data.stores.actions.expressions import ARCHETYPE, Expression
from dtc_data.stores.actions.potential import FEWEST_STORES, store_potential
from dtc_data.stores.actions.rule_file import PLACEHOLDER, ActionRule, ArchetypeRule

MOST_OF_ARCHETYPE: Final = 3
"""Actions of an archetype: those of the rules that fit it most."""
LEAST_DEVIATION: Final = 0.5
"""Standard deviations by which an archetype must differ from the other stores before a rule speaks to it."""


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
    table = _with_potential(stores)
    parts = [_recommended(table, rule).assign(rank=rank) for rank, rule in enumerate(rules)]
    ordered = pd.concat(parts).sort_values(["unit_id", "rank"], kind="stable")
    return ordered[["unit_id", "rule", "action", "reason"]].reset_index(drop=True)


def recommend_for_archetypes(stores: pd.DataFrame, rules: tuple[ArchetypeRule, ...]) -> pd.DataFrame:
    """Return the actions of the rules that fit each archetype most, at most `MOST_OF_ARCHETYPE` of each.

    A rule fits as well as the feature of its that deviates least: the mean of the archetype less that of all other stores, in
    standard deviations of all stores, counted to the side that the rule names.

    Parameters
    ----------
    stores : DataFrame
        As for :func:`recommend_actions`.
    rules : tuple of ArchetypeRule
        Of two that fit equally the first counts.

    Returns
    -------
    DataFrame
        archetype, rule, deviation, action and reason; by archetype, what fits most first. Archetypes of too few stores have
        none.

    Raises
    ------
    RetailDataError
        If a rule speaks of a column that stores do not have.
    """
    table = _with_potential(stores)
    named = table[table[ARCHETYPE].notna()]
    parts = [_of_archetypes(named, rule) for rule in rules]
    columns = [ARCHETYPE, "rule", "deviation", "action", "reason"]
    if not parts:
        return pd.DataFrame(columns=columns)
    fitting = pd.concat(parts).query("deviation >= @LEAST_DEVIATION")
    ordered = fitting.sort_values([ARCHETYPE, "deviation"], ascending=[True, False], kind="stable")
    return ordered.groupby(ARCHETYPE).head(MOST_OF_ARCHETYPE)[columns].reset_index(drop=True)


def _with_potential(stores: pd.DataFrame) -> pd.DataFrame:
    if ARCHETYPE not in stores:
        raise RetailDataError("the stores have no column archetype: label them before actions are recommended")
    return stores.assign(**store_potential(stores))


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


def _of_archetypes(table: pd.DataFrame, rule: ArchetypeRule) -> pd.DataFrame:
    """Return one row per archetype: how well the rule fits it, and what it says then."""
    deviations = np.column_stack([_deviations(table, name, side) for name, side in rule.when.items()])
    found = table[[ARCHETYPE]].assign(
        rule=rule.name,
        deviation=deviations.min(axis=1),  # missing if one is
        action=rule.action,
        reason=_reasons(table, rule.reason),
    )
    return found.drop_duplicates(ARCHETYPE)


def _deviations(table: pd.DataFrame, name: str, side: str) -> Any:
    difference = Expression.parse(f"mean({name}) - others({name})").value(table)
    enough = table.groupby(ARCHETYPE)[name].transform("count") >= FEWEST_STORES
    spread = table[name].std(ddof=0)
    return (difference if side == "high" else -difference).where(enough) / (spread if spread > 0 else np.nan)


def _reasons(table: pd.DataFrame, reason: str) -> pd.Series:
    """Return the reason with each store's own figures in it."""
    figures = [
        _as_text(Expression.parse(figure).value(table), form, table.index)
        for figure, form in PLACEHOLDER.findall(reason)
    ]
    between = PLACEHOLDER.sub("\0", reason).split("\0")
    text = pd.Series(between[0], index=table.index, dtype=object)
    for figure, after in zip(figures, between[1:], strict=True):
        text = text + figure + after
    return text


def _as_text(values: Any, form: str, index: pd.Index) -> pd.Series:
    column = values if isinstance(values, pd.Series) else pd.Series(values, index=index)
    return column.map(lambda value: "unknown" if pd.isna(value) else format(value, form)).astype(object)
