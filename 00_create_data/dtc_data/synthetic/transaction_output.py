"""Planted transactions as files: the lines, the layout by which they are read, and the truth about them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from dtc_data.core import SettingsError, TransactionsError, Wave
from dtc_data.synthetic.planted_customers import planted_lines
from dtc_data.synthetic.planted_problems import FUEL, POSTAGE, plant_problems

TIME_ZONE: Final = "Europe/London"
CURRENCY: Final = "GBP"
LAYOUT_FILE: Final = "transactions.yaml"

_COLUMNS: Final = {
    "line_id": "line",
    "order_id": "order",
    "product_id": "product",
    "department": "department",
    "quantity": "pieces",
    "unit_price": "price",
    "discount": "discount",
    "amount": "paid",
    "ordered_at": "ordered",
    "arrived_at": "known",
    "customer_id": "customer",
    "country": "country",
    "currency": "currency",
}
"""What the columns of the file are called."""

SPOILS: Final[Mapping[str, Mapping[str, Any]]] = {
    "unreadable date": {"ordered": "soon"},
    "unreadable quantity or amount": {"pieces": "many"},
    "line after the file's date": {"ordered": "2199-12-31 12:00:00"},
    "two currencies": {"currency": "USD"},
    "one order with two customers": {"customer": "somebody else"},
    "no declared time zone": {},
}
"""Problems for which a file is refused, and what stands on its second line then."""


def write_planted_transactions(  # noqa: PLR0913 - each argument alone changes which lines come out
    path: Path,
    n_customers: int,
    first: Wave,
    months: int,
    seed: int,
    *,
    problems: bool = True,
    spoil: str | None = None,
) -> dict[str, Any]:
    """Write planted transactions, with their layout and the truth about them in files beside.

    Parameters
    ----------
    path : Path
        A ``.csv`` or ``.parquet`` file; its layout goes into ``transactions.yaml`` and the truth into ``NAME.truth.json`` beside.
    n_customers, first, months, seed
        As for `dtc_data.synthetic.planted_customers.planted_lines`.
    problems : bool
        Whether to plant every problem that lines can have.
    spoil : str, optional
        One of `SPOILS`, for which the file will be refused.

    Returns
    -------
    dict
        The truth: how many lines there are, how many of them arrived late, how many lines, orders or customers have each
        problem, and the type of each customer.

    Raises
    ------
    SettingsError
        If there are too few customers or months, or no such problem.
    TransactionsError
        If a file cannot be written.
    """
    if spoil is not None and spoil not in SPOILS:
        raise SettingsError(f"there is no problem {spoil!r} for which a file is refused; choose {', '.join(SPOILS)}")
    lines, types = planted_lines(n_customers, first, months, seed)
    planted, found = plant_problems(lines, seed) if problems else (lines, {})
    late = int((planted["arrived_at"] > planted["ordered_at"]).sum())
    truth = {
        "seed": seed,
        "lines": len(planted),
        "late_lines": late,
        "problems": found,
        "customers": types.to_dict(),
        "spoiled": spoil,
    }
    table, layout = _as_file(planted), _layout(planted, spoil)
    if spoil:
        table = table.astype(object)
        table.loc[0, list(SPOILS[spoil])] = list(SPOILS[spoil].values())
    try:
        if path.suffix == ".parquet":
            table.to_parquet(path, index=False)
        else:
            table.to_csv(path, index=False)
        (path.parent / LAYOUT_FILE).write_text(yaml.safe_dump(layout, sort_keys=False), encoding="utf-8")
        path.with_suffix(".truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")
    except OSError as error:
        raise TransactionsError(f"{error.filename or path}: the file cannot be written: {error.strerror}") from error
    return truth


def _as_file(lines: pd.DataFrame) -> pd.DataFrame:
    """Write lines as a shop's till would: in local time, with a word for what was returned."""
    local = {
        name: lines[name].dt.tz_convert(TIME_ZONE).dt.strftime("%Y-%m-%d %H:%M:%S")
        for name in ("ordered_at", "arrived_at")
    }
    state = lines["kind"].map({"purchase": "sold", "cancellation": "returned"})
    table = lines.assign(**local, currency=CURRENCY)[list(_COLUMNS)].rename(columns=_COLUMNS)
    return table.assign(state=state)


def _layout(lines: pd.DataFrame, spoil: str | None) -> dict[str, Any]:
    zone = {} if spoil == "no declared time zone" else {"time_zone": TIME_ZONE}
    last = max(lines["arrived_at"].max(), lines["ordered_at"].max())
    return {
        "name": "planted shop",
        **zone,
        "currency": CURRENCY,
        "columns": _COLUMNS,
        "cancellations": {"column": "state", "values": ["returned"]},
        "not_goods": [POSTAGE],
        "sold_by_measure": [FUEL],
        "file_date": last.tz_convert(TIME_ZONE).date(),
    }
