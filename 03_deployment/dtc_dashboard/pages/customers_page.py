"""``/customers``: whom to call before they leave, one customer closely, and whether forecasts came true."""

import csv
import io
from typing import Any, Final

from flask import Blueprint, Response, request

from dtc_dashboard.pages.context import show, sources
from dtc_dashboard.queries import ask, forecast_accounts, forecasts_for, read_call_list

customers_page = Blueprint("customers", __name__)

USUAL_CAPACITY: Final = 300
MOST_SHOWN: Final = 1_000
"""Customers on the page at most; the file has all that were asked for."""
_MOST: Final = 1_000_000


@customers_page.get("/customers")
def customers() -> str:
    """Show the list of whom to call, as long as people can call so many."""
    capacity, wanted = _capacity(), request.args.get("customer", "").strip()
    calls = ask(lambda: read_call_list(sources(), capacity))
    accounts = ask(lambda: forecast_accounts(sources()))
    found = ask(lambda: forecasts_for(sources(), wanted)) if wanted else None
    values: dict[str, Any] = {"capacity": capacity, "wanted": wanted, "most_shown": MOST_SHOWN}
    return show("customers.html.j2", calls=calls, accounts=accounts, found=found, **values)


@customers_page.get("/customers/call_list.csv")
def export() -> Response:
    """Return the list as a file."""
    calls = read_call_list(sources(), _capacity())
    sink = io.StringIO()
    rows = csv.writer(sink)
    rows.writerow(["rank", "customer_id", "probability", "expected_amount"])
    for one in calls.customers if calls else ():
        rows.writerow([one.rank, one.customer_id, one.probability, one.expected_amount])
    answer = Response(sink.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=whom_to_call.csv"
    return answer


def _capacity() -> int:
    return min(max(request.args.get("capacity", USUAL_CAPACITY, type=int), 1), _MOST)
