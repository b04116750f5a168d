"""The data dictionary of the behaviour features, written from their definitions."""

from itertools import groupby
from typing import Final

from dtc_data.transactions.behaviour.behaviour_definitions import GRAINS, FeatureDefinition, feature_definitions

_HEAD: Final = """# Behaviour features

Written by `python 00_create_data/feature_dictionary.py docs/behaviour_features.md` from the definitions that are computed
(`dtc_data.transactions`, `behaviour_table.csv`). {count} features, {basic} of them in the set `basic`.

- Only lines that were ordered **and** had arrived before the cutoff count. Everybody who bought before it has a row.
- A window that reaches back further than the history is missing, not 0. `history_from` says since when the lines cover
  everything; without it a customer's history begins with the first order.
- All history is what the lines hold. Such features grow with a history that grows.
- Orders count whether or not they were cancelled later; cancellations are features of their own. What a correction wholly reversed
  is no order.
- A formula is SQL (DuckDB) over the rows of one customer. `spread(x)` is the standard deviation of whole ten-thousandths, and
  `whole(x)` makes such of a number.

| over | rows |
| --- | --- |
{grains}
"""


def data_dictionary() -> str:
    """Return the dictionary of all features as Markdown."""
    everything = feature_definitions()
    grains = "\n".join(f"| {grain} | {text} |" for grain, text in GRAINS.items())
    parts = [_HEAD.format(count=len(everything), basic=len(feature_definitions("basic")), grains=grains)]
    for feature_set, members in groupby(everything, key=lambda one: one.feature_set):
        parts += [
            f"\n## {feature_set.capitalize()}\n",
            "| name | window | formula | over | unit | description |\n| --- | --- | --- | --- | --- | --- |",
            *(_row(one) for one in members),
        ]
    return "\n".join(parts) + "\n"


def _row(definition: FeatureDefinition) -> str:
    window = f"{definition.window} days" if definition.window else "all history"
    cells = (definition.name, window, f"`{definition.formula}`", definition.grain, definition.unit)
    return f"| {' | '.join(cells)} | {definition.description} |"
