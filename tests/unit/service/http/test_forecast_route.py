"""Forecasts over HTTP: the same as of the document, with reasons, and clear errors."""

import json
from typing import Any

import pandas as pd
import pytest
import schemathesis
from dtc_data import Catalogue
from dtc_data.core import DtcError
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import ModelUnavailableError
from dtc_model.forecasts import forecast_customers
from dtc_model.prediction import ForecastModel, TrainingOptions, train_forecast
from dtc_service.formats.line_requests import FIELDS
from dtc_service.http.app import create_app
from dtc_service.serving import ForecastHolder, ModelHolder, ServedForecasts, ServedSegmentations
from dtc_service.settings import ServiceSettings
from fakes.served import serving
from fakes.shop import shop_day, shop_lines
from flask.testing import FlaskClient

CONFIG = FeatureConfig(windows=(30, 90))


class Shelf:
    """A registry with one forecast, which can go away."""

    def __init__(self, model: ForecastModel) -> None:
        self.versions = {"1": model.to_json()}
        self.production = "1"
        self.error: DtcError | None = None

    def production_version(self) -> str:
        if self.error:
            raise self.error
        return self.production

    def fetch_text(self, version: str, path: str) -> str:
        assert path == "artifacts/forecast.json"
        return self.versions[version]


@pytest.fixture(scope="module")
def forecast() -> ForecastModel:
    lines = BehaviourLines(shop_lines(120))
    options = TrainingOptions(["logistic_three"])
    return train_forecast(lines, shop_day(330), 30, config=CONFIG, options=options).model.with_threshold(0.4)


@pytest.fixture
def shelf(forecast: ForecastModel) -> Shelf:
    return Shelf(forecast)


@pytest.fixture
def served(holder: ModelHolder, catalogue: Catalogue) -> ServedSegmentations:
    return serving(catalogue, holder)


@pytest.fixture
def client(shelf: Shelf, served: ServedSegmentations) -> FlaskClient:
    forecasts = ServedForecasts(("customer_churn",), lambda name: ForecastHolder(name, shelf, 0.0))
    return create_app(ServiceSettings(), served, forecasts=forecasts).test_client()


def customers(model: ForecastModel, n: int = 3) -> list[dict[str, Any]]:
    return [
        {"customer_id": f"c{number}", **dict.fromkeys(model.feature_names, 10.0 * (number + 1))} for number in range(n)
    ]


def test_a_forecast_over_http_is_that_of_its_document(client: FlaskClient, forecast: ForecastModel) -> None:
    sent = customers(forecast)
    sent[1][forecast.feature_names[0]] = None

    response = client.post("/predict/customer_churn", json=sent)

    assert response.status_code == 200, response.text
    document = response.json
    assert document is not None
    rows = [[float("nan") if one[name] is None else one[name] for name in forecast.feature_names] for one in sent]
    expected = forecast.predict(rows)
    assert [one["probability"] for one in document["forecasts"]] == expected.tolist()
    assert [one["decision"] for one in document["forecasts"]] == [
        "call" if probability >= 0.4 else "leave alone" for probability in expected
    ]
    assert [one["customer_id"] for one in document["forecasts"]] == ["c0", "c1", "c2"]
    assert all(1 <= len(one["reasons"]) <= 3 for one in document["forecasts"])
    assert (document["model_version"], document["horizon_days"], document["threshold"]) == ("1", 30, 0.4)
    assert response.headers["X-Model-Version"] == "1"


@pytest.mark.parametrize(("left_out", "status"), [(0, 200), (1, 400)])
def test_what_it_answers_is_what_the_service_describes(
    client: FlaskClient, forecast: ForecastModel, left_out: int, status: int
) -> None:
    described = schemathesis.openapi.from_wsgi("/openapi.json", client.application)
    sent: Any = [dict(list(one.items())[: len(one) - left_out]) for one in customers(forecast)]
    case = described["/predict/customer_churn"]["POST"].Case(body=sent, media_type="application/json")
    response = case.call()
    assert response.status_code == status
    case.validate_response(response)


AS_OF = shop_day(330)
BY_LINES = f"/predict/customer_churn?from=transactions&as_of={AS_OF:%Y-%m-%dT%H:%M:%SZ}"


def as_records(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """Return lines as a client sends them."""
    columns = [name for name in FIELDS if name in lines]
    moments = {name: lines[name].map(lambda moment: moment.isoformat()) for name in ("ordered_at", "arrived_at")}
    sent = lines[columns].assign(**moments).astype(object)
    return [
        {str(name): value for name, value in row.items() if not pd.isna(value)}
        for row in sent.to_dict(orient="records")
    ]


def test_a_forecast_from_transactions_is_that_of_files_and_of_the_database(
    client: FlaskClient, forecast: ForecastModel
) -> None:
    lines = shop_lines(120)
    expected = forecast_customers(BehaviourLines(lines), AS_OF, forecast).set_index("customer_id")

    response = client.post(BY_LINES, json=as_records(lines))

    assert response.status_code == 200, response.text
    document = response.json
    assert document is not None
    found = {one["customer_id"]: one for one in document["forecasts"]}
    assert set(found) == set(expected.index)
    for name, one in found.items():
        assert round(one["probability"], 6) == expected.loc[name, "probability"]
        assert one["decision"] == expected.loc[name, "decision"]
        reasons = [expected.loc[name, f"reason_{number}"] for number in (1, 2, 3)]
        assert one["reasons"] == [reason for reason in reasons if reason]


def test_lines_of_the_future_change_no_forecast(client: FlaskClient) -> None:
    lines = shop_lines(120)
    known = lines[lines["ordered_at"] < AS_OF]
    late = known.head(40).assign(order_id=[f"late{number}" for number in range(40)], arrived_at=AS_OF, amount=9e6)

    with_future = client.post(BY_LINES, json=as_records(pd.concat([lines, late]))).json

    assert with_future == client.post(BY_LINES, json=as_records(known)).json


def test_lines_come_as_csv_too_and_a_wrong_one_is_named(client: FlaskClient) -> None:
    records = as_records(shop_lines(20))
    text = pd.DataFrame(records).to_csv(index=False)

    as_csv = client.post(BY_LINES, data=text, content_type="text/csv").json

    assert as_csv == client.post(BY_LINES, json=records).json
    wrong = client.post(BY_LINES, json=[records[0] | {"amount": "much"}])
    assert (wrong.status_code, "$[0].amount" in wrong.text) == (400, True)
    assert client.post("/predict/customer_churn?from=nowhere", json=[]).status_code == 400


def test_without_duckdb_transactions_are_refused_with_the_way_out(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dtc_service.formats.line_requests.find_spec", lambda _: None)
    response = client.post(BY_LINES, json=[])
    assert (response.status_code, "service-transactions" in response.text) == (501, True)


def test_one_customer_and_nobody_are_answered_too(client: FlaskClient, forecast: ForecastModel) -> None:
    alone = client.post("/predict/customer_churn", json=customers(forecast, 1)[0]).json
    assert alone is not None
    assert len(alone["forecasts"]) == 1
    nobody = client.post("/predict/customer_churn", json=[]).json
    assert nobody is not None
    assert nobody["forecasts"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency_days": "ten"}, "customer 0: recency_days is 'ten', but must be a number or null"),
        ({"recency_days": True}, "must be a number or null"),
        ({"recency_days": 1e400}, "must be a number or null"),
    ],
)
def test_a_value_that_is_none_is_told_by_customer_and_feature(
    client: FlaskClient, forecast: ForecastModel, change: dict[str, Any], message: str
) -> None:
    body = json.dumps([{**customers(forecast, 1)[0], **change}])
    response = client.post("/predict/customer_churn", data=body, content_type="application/json")
    assert (response.status_code, message in response.text) == (400, True), response.text


def test_a_missing_feature_is_named_with_the_way_out(client: FlaskClient, forecast: ForecastModel) -> None:
    sent = customers(forecast, 1)
    del sent[0]["recency_days"]
    response = client.post("/predict/customer_churn", json=sent)
    assert response.status_code == 400
    assert "lacks the feature 'recency_days'; send null where it is missing" in response.text


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff", b"{", b"[" * 100_000])
def test_what_is_no_list_of_customers_is_refused(client: FlaskClient, body: bytes) -> None:
    response = client.post("/predict/customer_churn", data=body, content_type="application/json")
    assert response.status_code == 400, response.text


def test_a_new_version_is_served_and_an_outage_leaves_the_last_one(
    client: FlaskClient, shelf: Shelf, forecast: ForecastModel
) -> None:
    assert client.post("/predict/customer_churn", json=[]).headers["X-Model-Version"] == "1"
    shelf.versions["2"] = forecast.with_threshold(0.9).to_json()
    shelf.production = "2"
    assert client.post("/predict/customer_churn", json=[]).headers["X-Model-Version"] == "2"
    shelf.error = ModelUnavailableError("the registry is away")
    assert client.post("/predict/customer_churn", json=[]).headers["X-Model-Version"] == "2"


def test_without_a_forecast_the_service_says_so_and_when_to_come_back(
    served: ServedSegmentations, shelf: Shelf
) -> None:
    shelf.error = ModelUnavailableError("no version of 'customer_churn' is in production")
    forecasts = ServedForecasts(("customer_churn",), lambda name: ForecastHolder(name, shelf, 5.0))
    client = create_app(ServiceSettings(), served, forecasts=forecasts).test_client()
    response = client.post("/predict/customer_churn", json=[])
    assert (response.status_code, response.headers["Retry-After"]) == (503, "6")
    assert client.post("/predict/customer_chum", json=[]).status_code == 404


def test_forecasts_are_named_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_FORECASTS", "customer_churn, other")
    assert ServiceSettings().forecasts == ("customer_churn", "other")
