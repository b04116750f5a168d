"""``/customers``: whom to call before they leave, one customer closely, and whether forecasts came true."""

from collections.abc import Iterator
from typing import Any, Final, cast, get_args

from dtc_data.forecasts import ListedCustomer, ListWish, Order
from flask import Blueprint, Response, abort, request

from dtc_dashboard.pages.context import show, sources, texts
from dtc_dashboard.parts import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx, lines_over_waves
from dtc_dashboard.queries import (
    CustomerPath,
    SettledForecast,
    ask,
    patiently,
    read_call_list,
    read_customer,
    segment_colours,
    settled_forecasts,
)

customers_page = Blueprint("customers", __name__)

USUAL_CAPACITY: Final = 300
FEW_SHOWN: Final = 20
"""Customers on the page before a person asks for all."""
MOST_SHOWN: Final = 300
"""Customers on the page at most; the file has all that were asked for."""
LARGEST_ON_SLIDER: Final = 2_000
"""Where the slider ends; the field beside it takes more."""
FORECAST_COLOURS: Final = ("#0072B2", "#D55E00")
"""Of what was forecast and of what came, apart for colour-blind people, too (Okabe and Ito)."""
_MOST: Final = 1_000_000
_HEADER: Final = ("place", "customer_id", "probability", "expected_amount", "segment", "expected_segment", "reasons")


@customers_page.get("/customers")
def customers() -> str:
    """Show the list of whom to call, as long as people can call so many."""
    wish, looked_for = _wish(), request.args.get("customer", "").strip()
    calls = ask(lambda: read_call_list(sources(), wish))
    settled = ask(lambda: settled_forecasts(sources()))
    found = ask(lambda: read_customer(sources(), looked_for)) if looked_for else None
    paths = found.value.paths if found and found.value else ()
    values: dict[str, Any] = {
        "wish": wish,
        "orders": get_args(Order),
        "looked_for": looked_for,
        "few_shown": FEW_SHOWN,
        "most_shown": MOST_SHOWN,
        "all_shown": "all" in request.args,
    }
    return show(
        "customers.html.j2",
        calls=calls,
        settled=settled,
        found=found,
        colours={path.segmentation.name: segment_colours(path.segmentation.catalogue) for path in paths},
        names={path.segmentation.name: _names(path) for path in paths},
        picture=_picture(settled.value or []),
        slider_end=LARGEST_ON_SLIDER,
        asked={name: value for name, value in request.args.items() if name not in {"customer", "all"}},
        **values,
    )


@customers_page.get("/customers/call_list.<kind>")
def export(kind: str) -> Response:
    """Return the list as a file."""
    writers = {"csv": (as_csv, CSV_TYPE), "xlsx": (as_xlsx, XLSX_TYPE)}
    if kind not in writers:
        abort(404)
    with patiently():  # whoever takes a file away wants today's figures
        calls = read_call_list(sources(), _wish())
    write, content_type = writers[kind]
    answer = Response(write(_HEADER, _rows(calls.customers if calls else ())), content_type=content_type)
    answer.headers["Content-Disposition"] = f"attachment; filename=whom_to_call.{kind}"
    return answer


def _rows(customers: tuple[ListedCustomer, ...]) -> Iterator[tuple[Any, ...]]:
    for place, one in enumerate(customers, start=1):
        figures = (one.probability, one.expected_amount, one.segment, one.expected_segment)
        yield (place, one.customer_id, *figures, "; ".join(one.reasons))


def _wish() -> ListWish:
    """Return what is asked for; whatever is not a number counts as not said."""
    said = request.args
    order, amount = said.get("order", ""), said.get("amount", type=float)
    percent = said.get("risk", 0.0, type=float)
    return ListWish(
        capacity=min(max(said.get("capacity", USUAL_CAPACITY, type=int), 1), _MOST),
        order=cast(Order, order) if order in get_args(Order) else "risk",
        segment=said.get("segment") or None,
        least_probability=min(max(percent, 0.0), 100.0) / 100 if percent == percent else 0.0,  # noqa: PLR0124 - NaN
        least_amount=amount,
    )


def _names(path: CustomerPath) -> dict[int, str]:
    catalogue = path.segmentation.catalogue
    return dict(zip(catalogue.segment_ids, catalogue.segment_names, strict=True))


def _picture(settled: list[SettledForecast]) -> object | None:
    said = texts()
    names = said("customers.was_forecast"), said("customers.has_come")
    rows = [
        {"wave": f"{one.cutoff:%Y-%m-%d}", "segment": name, "share": share}
        for one in settled[::-1]
        for name, share in zip(names, (one.forecast, one.came), strict=True)
        if share is not None
    ]
    colours = dict(zip(names, FORECAST_COLOURS, strict=True))
    return lines_over_waves(rows, colours, said("customers.share_axis")) if len(settled) > 1 and rows else None
