"""Parts of the OpenAPI document that the operations on segmentations and on forecasts share."""

from collections.abc import Mapping
from typing import Any

from dtc_service.formats import JSON


def security(*, with_keys: bool) -> dict[str, Any]:
    """Return what an operation says about API keys."""
    return {"security": [{"bearer": []}, {"header": []}]} if with_keys else {}


def failures(words: Mapping[str, str], *, with_keys: bool) -> dict[str, Any]:
    """Return the responses of an operation that went wrong; ``words`` say by status when one comes."""
    if with_keys:
        words = {**words, "401": "An API key is needed."}
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {status: {"description": when, "content": content} for status, when in sorted(words.items())}


def of_transactions(made: str) -> list[dict[str, Any]]:
    """Return the parameters of an operation that also takes lines of transactions; ``made`` says what becomes of them."""
    source = (
        "features: a row per customer. transactions: a row per line (customer_id, order_id, product_id, quantity, amount, ordered_at, "
        f"and optionally arrived_at and kind), {made}"
    )
    return [
        {
            "name": "from",
            "in": "query",
            "description": source,
            "schema": {"enum": ["features", "transactions"], "default": "features"},
        },
        {
            "name": "as_of",
            "in": "query",
            "description": "With from=transactions: only lines that were ordered and had arrived before this moment count; now by default.",
            "schema": {"type": "string", "format": "date-time"},
        },
    ]
