"""The description of the service as an OpenAPI 3.1 document, made from the catalogue."""

from importlib.metadata import version
from typing import Any

from dtc_data.catalogue import Catalogue

from dtc_service.formats import ARROW, CSV, JSON, PARQUET
from dtc_service.http.example_request import example_units
from dtc_service.http.openapi_schemas import TEXT, schemas


def openapi_document(catalogue: Catalogue, *, with_keys: bool) -> dict[str, Any]:
    """Describe the service for one catalogue; API keys appear in it where the service asks for them."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": f"Persona service: {catalogue.name}",
            "version": version("dtc-persona-pipeline"),
            "description": "Labels survey respondents with the nearest persona. Rows are counted from 0.",
        },
        "paths": {
            "/predict": {"post": _predict(_examples(catalogue), with_keys=with_keys)},
            "/model": {
                "get": _get("Describe the model that is served", "Model", with_keys=with_keys, needs_model=True)
            },
            "/healthz": {"get": _get("Say that the process answers", "Health")},
            "/readyz": {"get": _get("Say whether a model is served", "Readiness", needs_model=True)},
            "/metrics": {"get": _metrics(with_keys=with_keys)},
            "/openapi.json": {"get": _get("Return this document", "OpenApi")},
            "/docs": {"get": _page()},
            "/": {"get": _start()},
        },
        "components": {"schemas": schemas(catalogue)},
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["tags"] = ["Labels" if path in {"/predict", "/model"} else "Service"]
    if with_keys:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
    return document


def _examples(catalogue: Catalogue) -> dict[str, Any]:
    """Return requests that can be sent as they are: one respondent near each persona."""
    rows = example_units(catalogue).round(4).tolist()
    named = [dict(zip(catalogue.feature_names, row, strict=True)) for row in rows]
    lines = [",".join(catalogue.feature_names), *(",".join(map(str, row)) for row in rows)]
    by_name = {"summary": "Objects by feature name", "value": named}
    in_order = {"summary": "Arrays in the order of the features", "value": rows}
    return {JSON: {"objects": by_name, "arrays": in_order}, CSV: {"table": {"value": "\n".join(lines) + "\n"}}}


def _predict(examples: dict[str, Any], *, with_keys: bool) -> dict[str, Any]:
    binary: dict[str, Any] = {"schema": {}}
    failures = {
        "400": "The body or the query is wrong; row and field are named where there is one.",
        "406": "None of the types in Accept is written.",
        "408": "The rest of the body did not come.",
        "413": "The request is larger than a limit, which is named.",
        "415": "The type or the encoding of the body is not read.",
        "503": "No model is loaded yet: ask again after Retry-After.",
    }
    return {
        "summary": "Label respondents",
        "operationId": "predict",
        "parameters": [
            {
                "name": "detail",
                "in": "query",
                "description": "full adds distance, runner-up, margin, probability, fit, answered and status.",
                "schema": {"enum": ["short", "full"], "default": "short"},
            },
        ],
        "requestBody": {
            "required": True,
            "description": "A body may be packed with Content-Encoding: gzip. Tables have a column for each feature, in any "
            "order; the column persona of survey files is passed over. ?id=COLUMN, any number of times, names a further key or column that comes back with the answer.",
            "content": {
                JSON: {"schema": {"$ref": "#/components/schemas/Respondents"}, "examples": examples[JSON]},
                CSV: {"schema": {"$ref": "#/components/schemas/CsvTable"}, "examples": examples[CSV]},
                PARQUET: {"schema": {"$ref": "#/components/schemas/Table"}},
                ARROW: {"schema": {"$ref": "#/components/schemas/Table"}},
            },
        },
        "responses": {
            "200": {
                "description": "The labels, in the order of the respondents, in the first of these types that Accept takes.",
                "headers": {"X-Model-Version": {"description": "The version that labelled.", "schema": TEXT}},
                "content": {
                    JSON: {"schema": {"$ref": "#/components/schemas/Labels"}},
                    CSV: {"schema": TEXT},
                    PARQUET: binary,
                    ARROW: binary,
                },
            },
            **_errors(failures, with_keys=with_keys),
        },
        **_security(with_keys=with_keys),
    }


def _get(summary: str, schema: str, *, with_keys: bool = False, needs_model: bool = False) -> dict[str, Any]:
    failures = {"503": "No model is loaded yet: ask again after Retry-After."} if needs_model else {}
    content = {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}, **_errors(failures, with_keys=with_keys)},
        **_security(with_keys=with_keys),
    }


def _metrics(*, with_keys: bool) -> dict[str, Any]:
    answer = {"description": "Numbers for Prometheus", "content": {"text/plain": {"schema": TEXT}}}
    return {
        "summary": "Return counts of requests and respondents, latencies, personas, statuses and what the registry said",
        "responses": {"200": answer, **_errors({}, with_keys=with_keys)},
        **_security(with_keys=with_keys),
    }


def _page() -> dict[str, Any]:
    answer = {"description": "A page", "content": {"text/html": {"schema": TEXT}}}
    return {"summary": "Show this description to people, who can try requests", "responses": {"200": answer}}


def _start() -> dict[str, Any]:
    location = {"Location": {"description": "Where /docs is.", "schema": TEXT}}
    answer = {"description": "The way to /docs", "headers": location}
    return {"summary": "Send people to /docs", "responses": {"302": answer}}


def _security(*, with_keys: bool) -> dict[str, Any]:
    return {"security": [{"bearer": []}, {"header": []}]} if with_keys else {}


def _errors(failures: dict[str, str], *, with_keys: bool) -> dict[str, Any]:
    if with_keys:
        failures = {**failures, "401": "An API key is needed."}
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {status: {"description": words, "content": content} for status, words in sorted(failures.items())}
