"""`POST /predict/customer_value?from=transactions`: customers labelled by what they bought."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dtc_data import Catalogue
from dtc_data.transactions import customer_features
from dtc_model.rule import SegmentModel
from flask.testing import FlaskClient

JULY = datetime(2011, 7, 1, tzinfo=UTC)
AS_OF = "/predict?from=transactions&as_of=2011-07-01T00:00:00Z"


@pytest.fixture
def catalogue() -> Catalogue:
    """Customers who bought lately and much, and long ago and little."""
    return Catalogue.model_validate(
        {
            "name": "Customer value",
            "unit": "customer",
            "unit_table": "customer_value",
            "registered_model": "customer_value",
            "transactions": {"lookback_days": 180},
            "features": [{"name": "recency_days", "scale": 30}, {"name": "monetary", "scale": 50}],
            "segments": [
                {"id": 0, "name": "Champions", "centroid": [10, 300]},
                {"id": 1, "name": "Hibernating", "centroid": [140, 20]},
            ],
        }
    )


def line(customer: str, days_ago: float, amount: float, **more: Any) -> dict[str, Any]:
    """Return a line that was ordered so many days before July."""
    ordered_at = (JULY - timedelta(days=days_ago)).isoformat()
    order = f"{customer}-{days_ago}"
    quantity = -1 if amount < 0 else 1
    own = {"customer_id": customer, "order_id": order, "product_id": "p", "quantity": quantity, "amount": amount}
    return own | {"ordered_at": ordered_at} | more


LINES = [line("ann", 8, 200.0), line("ann", 30, 90.0), line("bob", 150, 15.0), line("gone", 200, 50.0)]


def labelled(client: FlaskClient, lines: list[dict[str, Any]]) -> dict[str, str]:
    response = client.post(AS_OF, json=lines)
    assert response.status_code == 200, response.text
    return dict(zip(response.json["ids"]["customer_id"], response.json["segments"], strict=True))  # type: ignore[index]  # JSON


def test_customers_are_labelled_by_their_lines(client: FlaskClient) -> None:
    assert labelled(client, LINES) == {"ann": "Champions", "bob": "Hibernating"}


def test_lines_after_the_cutoff_count_neither_by_order_nor_by_arrival(client: FlaskClient) -> None:
    future = [line("bob", -1, 900.0), line("bob", 5, 900.0, arrived_at="2011-07-02T00:00:00Z"), line("eve", -3, 5.0)]

    assert labelled(client, LINES + future) == labelled(client, LINES)


def test_what_was_given_back_is_taken_off(client: FlaskClient) -> None:
    returned = [line("ann", 4, -200.0), line("ann", 3, -90.0)]

    assert labelled(client, LINES + returned) == {"bob": "Hibernating"}


def test_features_are_those_of_the_waves(client: FlaskClient, model: SegmentModel) -> None:
    response = client.post(f"{AS_OF}&detail=full", json=LINES).json
    table = pa.table(
        {
            **{name: [row[name] for row in LINES] for name in ("customer_id", "order_id", "product_id", "amount")},
            "quantity": [float(row["quantity"]) for row in LINES],
            "kind": ["purchase"] * len(LINES),
            **{
                name: pa.array(
                    [datetime.fromisoformat(row["ordered_at"]) for row in LINES], pa.timestamp("us", tz="UTC")
                )
                for name in ("ordered_at", "arrived_at")
            },
        }
    )
    features = customer_features(table, JULY)[["recency_days", "monetary"]].to_numpy(dtype=float)
    assert response is not None
    assert response["detail"]["distance"] == pytest.approx(model.distances(features).min(axis=1).tolist())


def test_tables_hold_lines_too(client: FlaskClient) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*LINES[0], "kind"])
    writer.writeheader()
    writer.writerows(LINES)
    as_csv = client.post(AS_OF, data=text.getvalue(), content_type="text/csv", headers={"Accept": "text/csv"})
    stream = io.BytesIO()
    moments = [datetime.fromisoformat(row["ordered_at"]) for row in LINES]
    rows = [row | {"ordered_at": moment} for row, moment in zip(LINES, moments, strict=True)]
    pq.write_table(pa.Table.from_pylist(rows), stream)
    as_parquet = client.post(AS_OF, data=stream.getvalue(), content_type="application/vnd.apache.parquet")

    assert as_csv.status_code == 200, as_csv.text
    assert [row["segment"] for row in csv.DictReader(io.StringIO(as_csv.text))] == ["Champions", "Hibernating"]
    assert as_parquet.json["segments"] == ["Champions", "Hibernating"]  # type: ignore[index]  # JSON


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([LINES[0] | {"ordered_at": "2011-06-01T10:00:00"}], "timezone"),
        ([LINES[0], LINES[0] | {"amount": "much"}], "$[1].amount"),
        ([{"customer_id": "ann"}], "order_id"),
        ([LINES[0] | {"price": 3}], "price"),
        ({"customer_id": "ann"}, "array"),
    ],
)
def test_a_wrong_line_is_named(client: FlaskClient, lines: Any, expected: str) -> None:
    response = client.post(AS_OF, json=lines)

    assert response.status_code == 400
    assert expected in response.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=nowhere", "from is features or transactions"),
        ("from=transactions&as_of=soon", "as_of is a moment"),
        ("from=transactions&id=name", "come back with customer_id"),
    ],
)
def test_a_wrong_query_is_explained(client: FlaskClient, query: str, expected: str) -> None:
    response = client.post(f"/predict?{query}", json=LINES)

    assert response.status_code == 400
    assert expected in response.text


def test_an_installation_without_duckdb_says_so_and_how_to_get_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dtc_service.formats.line_requests.find_spec", lambda _: None)
    response = client.post(AS_OF, json=LINES)
    assert response.status_code == 501
    assert "CONTAINER_SERVICE_EXTRA=service-transactions" in response.text
