"""The description of the service as an OpenAPI 3.1 document, made from the catalogues."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from dtc_data.catalogue import Catalogue

from dtc_service.formats import ARROW, CSV, JSON, PARQUET
from dtc_service.http.example_units import example_bodies
from dtc_service.http.openapi_forecasts import forecast_paths, forecast_schemas
from dtc_service.http.openapi_parts import failures, of_transactions, security
from dtc_service.http.openapi_schemas import TEXT, common_schemas, schemas_of


def openapi_document(
    catalogues: Mapping[str, Catalogue], default: str | None = None, forecasts: Sequence[str] = (), *, with_keys: bool
) -> dict[str, Any]:
    """Describe the service for some segmentations; API keys appear in it where the service asks for them.

    Parameters
    ----------
    catalogues : mapping
        By name of the segmentation.
    default : str, optional
        The one of them that is served without being named; none if not given.
    forecasts : sequence of str
        Registered models of the forecasts that are described as well.
    with_keys : bool
    """
    paths: dict[str, Any] = {}
    components = common_schemas() | forecast_schemas(forecasts)
    for name, catalogue in catalogues.items():
        suffix = "" if name == default else f".{name}"
        components |= {f"{schema}{suffix}": form for schema, form in schemas_of(catalogue).items()}
        for where in ([""] if name == default else []) + [f"/{quote(name)}"]:
            of_whom = f": {catalogue.name}" if where else ""
            words = f"Describe the model that is served{of_whom}"
            paths |= _tagged(
                catalogue.name,
                {
                    f"/predict{where}": {"post": _predict(catalogue, suffix, where, with_keys=with_keys)},
                    f"/model{where}": {"get": _get(words, f"Model{suffix}", with_keys=with_keys, needs_model=True)},
                    openapi_path(where): {"get": _get(f"Return this document{of_whom}", "OpenApi")},
                    f"/docs{where}": {"get": _page()},
                },
            )
    paths |= _tagged("Forecasts", forecast_paths(forecasts, with_keys=with_keys))
    paths |= _tagged("The service", _of_all(with_keys=with_keys))
    titles = [catalogues[name].name for name in catalogues if name == default] or [
        one.name for one in catalogues.values()
    ]
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": f"Labels: {', '.join(titles)}",
            "version": version("dtc-persona-pipeline"),
            "description": "Labels units of each segmentation with the nearest of its segments. Rows are counted from 0.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }
    if with_keys:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
    return document


def openapi_path(where: str) -> str:
    """Return the path of a document; ``where`` is empty, or a slash and a segmentation."""
    return f"/openapi{where}.json"


def openapi_address(segmentation: str | None) -> str:
    """Return the address of a document beside the page that shows it, without a host."""
    return "openapi.json" if segmentation is None else f"../openapi/{quote(segmentation)}.json"


def _tagged(tag: str, paths: dict[str, Any]) -> dict[str, Any]:
    """Put the operations of some paths under one heading of the page."""
    return {
        path: {method: operation | {"tags": [tag]} for method, operation in methods.items()}
        for path, methods in paths.items()
    }


def _of_all(*, with_keys: bool) -> dict[str, Any]:
    """Describe the routes that concern no segmentation, or all."""
    return {
        "/segmentations": {"get": _get("List the segmentations", "Segmentations", with_keys=with_keys)},
        "/healthz": {"get": _get("Say that the process answers", "Health")},
        "/readyz": {"get": _get("Say whether a model is served", "Readiness", needs_model=True)},
        "/metrics": {"get": _metrics(with_keys=with_keys)},
        "/": {"get": _start()},
    }


def _predict(catalogue: Catalogue, suffix: str, where: str, *, with_keys: bool) -> dict[str, Any]:
    examples = example_bodies(catalogue)
    binary: dict[str, Any] = {"schema": {}}
    refused = {
        "400": "The body or the query is wrong; row and field are named where there is one.",
        "406": "None of the types in Accept is written.",
        "408": "The rest of the body did not come.",
        "413": "The request is larger than a limit, which is named.",
        "415": "The type or the encoding of the body is not read.",
        "501": "The service was installed without what reads transactions.",
        "503": "No model is loaded yet: ask again after Retry-After.",
    }
    return {
        "summary": f"Label {catalogue.words.units}{f': {catalogue.name}' if where else ''}",
        "operationId": f"predict{where.replace('/', '_')}",
        "parameters": [
            {
                "name": "detail",
                "in": "query",
                "description": "full adds distance, runner-up, margin, probability, fit, answered and status.",
                "schema": {"enum": ["short", "full"], "default": "short"},
            },
            *_of_transactions(catalogue),
        ],
        "requestBody": {
            "required": True,
            "description": "A body may be packed with Content-Encoding: gzip. Tables have a column for each feature, in any "
            f"order; columns of files with the {catalogue.words.segment} or weights are passed over. ?id=COLUMN, any number of times, names a further key or column that comes back with the answer.",
            "content": {
                JSON: {"schema": {"$ref": f"#/components/schemas/Units{suffix}"}, "examples": examples[JSON]},
                CSV: {"schema": {"$ref": f"#/components/schemas/CsvTable{suffix}"}, "examples": examples[CSV]},
                PARQUET: {"schema": {"$ref": f"#/components/schemas/Table{suffix}"}},
                ARROW: {"schema": {"$ref": f"#/components/schemas/Table{suffix}"}},
            },
        },
        "responses": {
            "200": {
                "description": "The labels, in the order of the rows, in the first of these types that Accept takes.",
                "headers": {"X-Model-Version": {"description": "The version that labelled.", "schema": TEXT}},
                "content": {
                    JSON: {"schema": {"$ref": f"#/components/schemas/Labels{suffix}"}},
                    CSV: {"schema": TEXT},
                    PARQUET: binary,
                    ARROW: binary,
                },
            },
            **failures(refused, with_keys=with_keys),
        },
        **security(with_keys=with_keys),
    }


def _of_transactions(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Describe the parameters that only segmentations of customers by their transactions have."""
    if catalogue.transactions is None:
        return []
    days = catalogue.transactions.lookback_days
    return of_transactions(
        f"of which features of the last {days} days are made; each customer comes back once, with customer_id."
    )


def _get(summary: str, schema: str, *, with_keys: bool = False, needs_model: bool = False) -> dict[str, Any]:
    refused = {"503": "No model is loaded yet: ask again after Retry-After."} if needs_model else {}
    content = {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}, **failures(refused, with_keys=with_keys)},
        **security(with_keys=with_keys),
    }


def _metrics(*, with_keys: bool) -> dict[str, Any]:
    response = {"description": "Numbers for Prometheus", "content": {"text/plain": {"schema": TEXT}}}
    return {
        "summary": "Return requests, rows, latencies, labels, statuses and what the registry said",
        "responses": {"200": response, **failures({}, with_keys=with_keys)},
        **security(with_keys=with_keys),
    }


def _page() -> dict[str, Any]:
    response = {"description": "A page", "content": {"text/html": {"schema": TEXT}}}
    return {"summary": "Show this description to people, who can try requests", "responses": {"200": response}}


def _start() -> dict[str, Any]:
    location = {"Location": {"description": "Where /docs is.", "schema": TEXT}}
    response = {"description": "The way to /docs", "headers": location}
    return {"summary": "Send people to /docs", "responses": {"302": response}}
