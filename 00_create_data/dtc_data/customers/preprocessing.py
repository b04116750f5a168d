"""From a flat table of texts to customers as numbers, with a report of what was found."""

import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_data.core import SettingsError
from dtc_data.customers.preprocess_config import CategoryRules, NumberRules, PreprocessConfig
from dtc_data.customers.preprocess_plan import PreprocessPlan, learn_plan

CUSTOMER_ID: Final = "customer_id"
LEFT: Final = "left"
PART: Final = "part"
"""Column that says who is in the ``train`` part, from which everything is learned, and who in ``test``."""

_IDS: Final = ("customer_id", "customerid", "customer", "client_id", "id")
_BUCKETS: Final = 10_000
_FIRST_ROW: Final = 2
"""Row of the first customer in a file, below the header."""


@dataclass(frozen=True, eq=False)
class Preprocessed:
    """Customers as numbers."""

    customers: pd.DataFrame
    """customer_id, part, left (missing without a label), and a column of floats per feature."""
    plan: PreprocessPlan
    notes: tuple[str, ...]
    """What was found and done, a line each."""


def preprocess_customers(
    cells: pd.DataFrame, config: PreprocessConfig, plan: PreprocessPlan | None = None
) -> Preprocessed:
    """Return customers as numbers.

    Medians, ranges, values and shares are learned from the training part alone, so that the test part stays unseen.

    Parameters
    ----------
    cells : DataFrame
        Texts, as `dtc_data.customers.read_customers` returns them.
    config : PreprocessConfig
        What is done to which column.
    plan : PreprocessPlan, optional
        What was learned before; then nothing is learned from these customers.

    Raises
    ------
    SettingsError
        If a column is missing, or a cell is not what it must be; the message names row and column.
    """
    id_column = _id_column(cells, config)
    notes: list[str] = []
    rows = _without_repeats(_known(cells, config), id_column, config, notes)
    ids = rows[id_column].astype(str)
    left = _label(rows, ids, config, notes)
    values, rules = _typed(rows, id_column, config)
    notes += [
        f"{name}: {int(count):,} of {len(values):,} missing" for name, count in values.isna().sum().items() if count
    ]
    is_test = ids.map(lambda name: zlib.crc32(name.encode()) % _BUCKETS) < config.test_share * _BUCKETS
    learned = plan or learn_plan(values[~is_test.to_numpy()], rules)
    head = pd.DataFrame({CUSTOMER_ID: ids, PART: np.where(is_test, "test", "train"), LEFT: left})
    made = learned.apply(values.set_axis(head[CUSTOMER_ID])).reset_index(drop=True)
    customers = pd.concat([head, made], axis=1)
    notes.append(
        f"{len(customers):,} customers, {learned_words(learned)}, {customers.shape[1] - head.shape[1]} features"
    )
    return Preprocessed(customers, learned, tuple(notes))


def learned_words(plan: PreprocessPlan) -> str:
    """Say from how many customers a plan was learned."""
    return f"learned from {plan.learned_from:,} of the training part"


def _id_column(cells: pd.DataFrame, config: PreprocessConfig) -> str:
    if config.id is not None:
        _require(cells, [config.id], "id")
        return config.id
    for wanted in _IDS:
        for name in cells.columns:
            if str(name).lower().replace(" ", "_") == wanted:
                return str(name)
    raise SettingsError(
        f"none of the columns {', '.join(map(str, cells.columns))} is the customer's id: name it as id in the configuration"
    )


def _require(cells: pd.DataFrame, names: list[str], key: str) -> None:
    if missing := [name for name in names if name not in cells.columns]:
        raise SettingsError(
            f"{key} names the column {missing[0]!r}, but there are {', '.join(map(str, cells.columns))}"
        )


def _known(cells: pd.DataFrame, config: PreprocessConfig) -> pd.DataFrame:
    return cells.mask(cells.isin(config.missing))


def _without_repeats(rows: pd.DataFrame, id_column: str, config: PreprocessConfig, notes: list[str]) -> pd.DataFrame:
    nameless = rows[id_column].isna().to_numpy()
    if nameless.any():
        raise SettingsError(f"{id_column}: row {int(np.flatnonzero(nameless)[0]) + _FIRST_ROW} has no id")
    unique = rows.drop_duplicates()
    if len(unique) < len(rows):
        notes.append(f"{len(rows) - len(unique):,} rows repeat another one in every cell and count once")
    twice = unique[id_column].duplicated(keep=False)
    if twice.any() and config.duplicates == "refuse":
        name = unique[id_column][twice].iloc[0]
        places = [place + _FIRST_ROW for place in np.flatnonzero(rows[id_column] == name)]
        raise SettingsError(
            f"{id_column}: customer {name!r} stands in the rows {places[0]} and {places[-1]} with other values. Leave one row, or say in "
            "the configuration which one counts (duplicates: first or last)"
        )
    kept = unique.drop_duplicates(id_column, keep="last" if config.duplicates == "last" else "first")
    if len(kept) < len(unique):
        notes.append(
            f"{len(unique) - len(kept):,} further rows of the same customers are left out ({config.duplicates} counts)"
        )
    return kept.reset_index(drop=True)


def _label(rows: pd.DataFrame, ids: "pd.Series[str]", config: PreprocessConfig, notes: list[str]) -> "pd.Series[Any]":
    if config.label is None or _lacks_label(rows, config.label.column):
        missing = (
            "the configuration names no label"
            if config.label is None
            else f"there is no column {config.label.column!r}"
        )
        notes.append(
            f"{missing}, so that nobody knows who of these customers left: they can be forecast, but not trained on"
        )
        return pd.Series(pd.NA, index=rows.index, dtype="boolean")
    cells = rows[config.label.column]
    known = cells.isin((*config.label.left, *config.label.stayed)).to_numpy()
    if not known.all():
        row = int(np.flatnonzero(~known)[0])
        found = "nothing" if pd.isna(cells.iloc[row]) else repr(str(cells.iloc[row]))
        raise SettingsError(
            f"{config.label.column}: customer {ids.iloc[row]!r} holds {found}, but must be one of {', '.join(config.label.left)} (left) or "
            f"{', '.join(config.label.stayed)} (stayed)"
        )
    return cells.isin(config.label.left).astype("boolean")


def _lacks_label(rows: pd.DataFrame, column: str) -> bool:
    """Return whether the customers have no label, as those of today; one that is spelt otherwise would become a feature."""
    if column in rows.columns:
        return False
    if alike := [str(name) for name in rows.columns if str(name).lower() == column.lower()]:
        raise SettingsError(
            f"label names the column {column!r}, but the table has {alike[0]!r}: write it as the table does"
        )
    return True


def _typed(
    rows: pd.DataFrame, id_column: str, config: PreprocessConfig
) -> tuple[pd.DataFrame, dict[str, NumberRules | CategoryRules]]:
    """Return floats or texts by column, with the rules that are for them."""
    for key, names in (("drop", config.drop), ("dates", tuple(config.dates)), ("columns", tuple(config.columns))):
        _require(rows, list(names), key)
    own = {id_column, *config.drop} | ({config.label.column} if config.label else set())
    values: dict[str, Any] = {}
    rules: dict[str, NumberRules | CategoryRules] = {}
    for name in (str(column) for column in rows.columns if column not in own):
        cells = rows[name].set_axis(rows[id_column])
        typed = _days(cells, config) if name in config.dates else _numbers(cells, config.columns.get(name))
        default: NumberRules | CategoryRules = config.categories if typed is None else config.numbers
        values[name] = (cells.astype("string") if typed is None else typed).reset_index(drop=True)
        rules[name] = config.columns.get(name, default)
    if not values:
        raise SettingsError("no column is left that could be a feature")
    return pd.DataFrame(values), rules


def _numbers(cells: "pd.Series[Any]", rules: NumberRules | CategoryRules | None) -> "pd.Series[float] | None":
    """Return a column as floats, or None where it holds texts."""
    if isinstance(rules, CategoryRules):
        return None
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    strange = (cells.notna() & ~np.isfinite(numbers.fillna(np.inf))).to_numpy()
    if not strange.any():
        return numbers
    if isinstance(rules, NumberRules):
        row = int(np.flatnonzero(strange)[0])
        raise SettingsError(
            f"{cells.name}: customer {str(cells.index[row])!r} holds {cells.iloc[row]!r}, which is not a number"
        )
    return None


def _days(cells: "pd.Series[Any]", config: PreprocessConfig) -> "pd.Series[float]":
    layout = config.dates[str(cells.name)]
    dates = pd.to_datetime(cells, format=layout, errors="coerce")
    wrong = (cells.notna() & dates.isna()).to_numpy()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SettingsError(
            f"{cells.name}: customer {str(cells.index[row])!r} holds {cells.iloc[row]!r}, which is not a date like {layout}"
        )
    days = (pd.Timestamp(str(config.as_of)) - dates).dt.total_seconds() / 86_400
    later = (days < 0).to_numpy()
    if later.any():
        row = int(np.flatnonzero(later)[0])
        raise SettingsError(
            f"{cells.name}: customer {str(cells.index[row])!r} holds {cells.iloc[row]!r}, which lies after as_of ({config.as_of}): nothing later may be known"
        )
    return days
