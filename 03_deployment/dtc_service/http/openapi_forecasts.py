"""What the OpenAPI document says about forecasts.

The features of a forecast are those of the version in production, which the description does not look at: a customer is an object of
numbers, and a request that lacks one of them is told its name.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from dtc_service.formats import ARROW, CSV, JSON, PARQUET
from dtc_service.http.openapi_parts import failures, of_transactions, security
from dtc_service.http.openapi_schemas import TEXT

_FAILURES: Final = {
    "400": "The body or the query is wrong; the feature that a customer lacks is named.",
    "408": "The rest of the body did not come.",
    "413": "The request is larger than a limit, which is named.",
    "415": "The type or the encoding of the body is not read.",
    "501": "The service was installed without what reads transactions.",
    "503": "No version of the forecast is in production, or none could be loaded yet: ask again after Retry-After.",
}
_NUMBER: Final = {"type": "number"}


def forecast_paths(names: Sequence[str], *, with_keys: bool) -> dict[str, Any]:
    """Return the paths of forecasts, by the names of their registered models."""
    return {f"/predict/{quote(name)}": {"post": _predict(name, with_keys=with_keys)} for name in names}


def forecast_schemas(names: Sequence[str]) -> dict[str, Any]:
    """Return the schemas that these paths refer to; none without forecasts."""
    return {"ForecastCustomers": _customers(), "Forecasts": _forecasts()} if names else {}


def _predict(name: str, *, with_keys: bool) -> dict[str, Any]:
    made = "of which the features are made; each customer comes back once, with customer_id."
    table: dict[str, Any] = {"schema": {}}
    return {
        "summary": f"Forecast customers: {name}",
        "operationId": f"predict_{name}",
        "parameters": of_transactions(made),
        "requestBody": {
            "required": True,
            "description": "Features are sent as JSON, lines of transactions in any of these types.",
            "content": {
                JSON: {"schema": {"$ref": "#/components/schemas/ForecastCustomers"}},
                CSV: table,
                PARQUET: table,
                ARROW: table,
            },
        },
        "responses": {
            "200": {
                "description": "A forecast for each customer, in the order of the request.",
                "headers": {"X-Model-Version": {"description": "The version that forecast.", "schema": TEXT}},
                "content": {JSON: {"schema": {"$ref": "#/components/schemas/Forecasts"}}},
            },
            **failures(_FAILURES, with_keys=with_keys),
        },
        **security(with_keys=with_keys),
    }


def _customers() -> dict[str, Any]:
    customer = {
        "type": "object",
        "description": "By name of the feature a number, or null where it is missing; customer_id comes back.",
        "properties": {"customer_id": TEXT},
        "additionalProperties": {"type": ["number", "null"]},
    }
    return {"type": "array", "items": customer}


def _forecasts() -> dict[str, Any]:
    one = {
        "customer_id": TEXT,
        "probability": _NUMBER,
        "decision": {"enum": ["call", "leave alone"]},
        "reasons": {"type": "array", "items": TEXT},
    }
    properties = {
        "model_version": TEXT,
        "horizon_days": {"type": "integer"},
        "threshold": _NUMBER,
        "forecasts": {"type": "array", "items": {"type": "object", "properties": one, "required": [*one][1:]}},
    }
    return {"type": "object", "properties": properties, "required": [*properties]}
