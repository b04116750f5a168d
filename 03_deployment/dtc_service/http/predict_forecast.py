"""``POST /predict/<forecast>``: customers by features or by their transactions in, probability, decision and reasons out."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from dtc_data.core import TransactionsError
from dtc_model.prediction import ForecastModel
from dtc_model.rule import FloatArray

from dtc_service.errors import InvalidRequestError, TooLargeError
from dtc_service.formats import columns_of, declared, read_lines, require_duckdb
from dtc_service.http.body import read_body
from dtc_service.http.predict import Query
from dtc_service.http.response import HttpResponse, json_response
from dtc_service.serving import ServedForecasts

REASONS: Final = 3
CUSTOMER_ID: Final = "customer_id"
_USUAL_THRESHOLD: Final = 0.5


@dataclass(frozen=True)
class PredictForecast:
    """Answers requests for forecasts, each by the registered model that its path names."""

    served: ServedForecasts
    max_bytes: int
    max_rows: int

    def __call__(self, environ: dict[str, Any], name: str) -> HttpResponse:
        """Forecast the customers in a request.

        It holds a JSON list with an object per customer, a number or null per feature; or, with ``?from=transactions&as_of=MOMENT``,
        lines of orders in any form, of which only those count that were ordered and had arrived before the moment.

        Raises
        ------
        InvalidRequestError
            If the body is not such a list, or a customer lacks a feature; the message names both.
        """
        body = read_body(environ, self.max_bytes)  # first, so that no refusal leaves it on the connection
        found = self.served.get(name)
        query = Query.parse(environ.get("QUERY_STRING", ""))
        if query.as_of is None:
            customers = _customers(body)
            self._check_rows(len(customers))
            rows = _rows(customers, found.model)
        else:
            media_type = declared(environ.get("CONTENT_TYPE", ""))
            ids, rows = _by_lines(body, media_type, query.as_of, found.model)
            self._check_rows(len(ids))
            customers = [{CUSTOMER_ID: customer} for customer in ids]
        document = {
            "model_version": found.version,
            "horizon_days": found.model.horizon_days,
            "threshold": _threshold(found.model),
            "forecasts": _forecasts(customers, rows, found.model) if customers else [],
        }
        return json_response(document, headers=(("X-Model-Version", found.version),))

    def _check_rows(self, n_customers: int) -> None:
        if n_customers > self.max_rows:
            raise TooLargeError(
                f"at most {self.max_rows:,} customers are forecast in one request; {n_customers:,} came"
            )


def _by_lines(body: bytes, media_type: str, as_of: datetime, model: ForecastModel) -> tuple[list[str], FloatArray]:
    """Return who is forecast by lines of transactions, and the features of each."""
    if "feature_sets" not in model.provenance:
        raise InvalidRequestError(
            "this forecast was not trained on transactions: send the features of customers", field="from"
        )
    require_duckdb()
    from dtc_model.recipes import lines_to_behaviour  # noqa: PLC0415 - DuckDB, which others never need

    lines = read_lines(body, media_type)
    try:
        return lines_to_behaviour(columns_of(lines), as_of, model)
    except TransactionsError as error:
        raise InvalidRequestError(str(error)) from error


def _customers(body: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"the body is not JSON: {error}") from error
    customers = [document] if isinstance(document, dict) else document
    if not isinstance(customers, list) or not all(isinstance(one, dict) for one in customers):
        raise InvalidRequestError("send a JSON list with an object per customer, a number or null per feature")
    return customers


def _rows(customers: list[dict[str, Any]], model: ForecastModel) -> FloatArray:
    rows = np.full((len(customers), len(model.features)), np.nan)
    for row, customer in enumerate(customers):
        for column, name in enumerate(model.feature_names):
            if name not in customer:
                raise InvalidRequestError(
                    f"customer {row} lacks the feature {name!r}; send null where it is missing. The forecast takes "
                    f"{', '.join(model.feature_names)}",
                    field=name,
                )
            value = customer[name]
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(float(value)):
                raise InvalidRequestError(
                    f"customer {row}: {name} is {str(value)[:40]!r}, but must be a number or null", field=name
                )
            rows[row, column] = float(value)
    return rows


def _forecasts(customers: list[dict[str, Any]], rows: FloatArray, model: ForecastModel) -> list[dict[str, Any]]:
    probabilities = model.predict(rows)
    reasons = model.reasons(rows, REASONS)
    threshold = _threshold(model)
    return [
        {
            **({CUSTOMER_ID: customer[CUSTOMER_ID]} if CUSTOMER_ID in customer else {}),
            "probability": float(probability),
            "decision": "call" if probability >= threshold else "leave alone",
            "reasons": [reason.words for reason in of_one],
        }
        for customer, probability, of_one in zip(customers, probabilities, reasons, strict=True)
    ]


def _threshold(model: ForecastModel) -> float:
    return _USUAL_THRESHOLD if model.threshold is None else model.threshold
