"""The description of the service as an OpenAPI 3.1 document, made from the catalogue."""

import math
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from dtc_data.catalogue import Catalogue, Feature

from dtc_service.answer import JSON
from dtc_service.media_types import ARROW, CSV, PARQUET

_PLAIN: Final = 1e6
"""Numbers up to here are written with at most six digits before the point."""
_FEW: Final = 20
"""Whole numbers that a pattern lists."""
_NULL: Final = {"type": "null"}
_TEXT: Final = {"type": "string"}
_COLUMNS: Final = {
    "distance": "Distance to the persona in scaled units, over the answered features, rescaled to all of them.",
    "runner_up": "Id of the second nearest persona.",
    "runner_up_persona": "Its name.",
    "runner_up_distance": "Distance to it.",
    "margin": "(d2 - d1) / d2: 0 between two personas, 1 on a centroid.",
    "probability": "Probability of the persona, if all are equally frequent and spread alike in all directions.",
    "fit": "Percentile of the distance among the reference wave's respondents of that persona.",
    "answered": "Number of answered features.",
    "status": "labelled, no_fit (further away than almost everybody in the reference wave) or incomplete.",
}


def openapi_document(catalogue: Catalogue, *, with_keys: bool) -> dict[str, Any]:
    """Describe the service for one catalogue; API keys appear in it where the service asks for them."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": f"Persona service: {catalogue.name}",
            "version": version("dtc-persona-pipeline"),
            "description": "Gives survey respondents the nearest persona. Rows are counted from 0.",
        },
        "paths": {
            "/predict": {"post": _predict(with_keys=with_keys)},
            "/model": {
                "get": _get("Describe the model that is served", "Model", with_keys=with_keys, needs_model=True)
            },
            "/healthz": {"get": _get("Say that the process answers", "Health")},
            "/readyz": {"get": _get("Say whether a model is served", "Readiness", needs_model=True)},
            "/metrics": {"get": _metrics(with_keys=with_keys)},
            "/openapi.json": {"get": _get("Give this document", "OpenApi")},
            "/docs": {"get": _page()},
            "/": {"get": _start()},
        },
        "components": {"schemas": _schemas(catalogue)},
    }
    if with_keys:
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
    return document


def _predict(*, with_keys: bool) -> dict[str, Any]:
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
                JSON: {"schema": {"$ref": "#/components/schemas/Respondents"}},
                CSV: {"schema": {"$ref": "#/components/schemas/CsvTable"}},
                PARQUET: {"schema": {"$ref": "#/components/schemas/Table"}},
                ARROW: {"schema": {"$ref": "#/components/schemas/Table"}},
            },
        },
        "responses": {
            "200": {
                "description": "The labels, in the order of the respondents, in the first of these types that Accept takes.",
                "headers": {"X-Model-Version": {"description": "The version that labelled.", "schema": _TEXT}},
                "content": {
                    JSON: {"schema": {"$ref": "#/components/schemas/Labels"}},
                    CSV: {"schema": _TEXT},
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
    answer = {"description": "Numbers for Prometheus", "content": {"text/plain": {"schema": _TEXT}}}
    return {
        "summary": "Give requests, respondents, latencies, personas, statuses and what the registry said",
        "responses": {"200": answer, **_errors({}, with_keys=with_keys)},
        **_security(with_keys=with_keys),
    }


def _page() -> dict[str, Any]:
    answer = {"description": "A page", "content": {"text/html": {"schema": _TEXT}}}
    return {"summary": "Show this description to people", "responses": {"200": answer}}


def _start() -> dict[str, Any]:
    location = {"Location": {"description": "Where /docs is.", "schema": _TEXT}}
    answer = {"description": "The way to /docs", "headers": location}
    return {"summary": "Send people to /docs", "responses": {"302": answer}}


def _security(*, with_keys: bool) -> dict[str, Any]:
    return {"security": [{"bearer": []}, {"header": []}]} if with_keys else {}


def _errors(failures: dict[str, str], *, with_keys: bool) -> dict[str, Any]:
    if with_keys:
        failures = {**failures, "401": "An API key is needed."}
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {status: {"description": words, "content": content} for status, words in sorted(failures.items())}


def _schemas(catalogue: Catalogue) -> dict[str, Any]:
    features, ids = catalogue.features, {"type": "integer"}
    tolerant = catalogue.missing_answers.minimum_answered is not None
    answers = [_answer(feature, tolerant=tolerant) for feature in features]
    positions = {str(position): answer for position, answer in enumerate(answers)}
    array = {
        "type": "array",
        "prefixItems": answers,
        "minItems": len(features),
        "maxItems": len(features),
        "description": f"In the order {', '.join(catalogue.feature_names)}",
    }
    forms = (_object(dict(zip(catalogue.feature_names, answers, strict=True))), _object(positions), array)
    label, persona = {"anyOf": [ids, _NULL]}, {"anyOf": [_TEXT, _NULL]}
    detail = {name: _list(_column(name), words) for name, words in _COLUMNS.items()}
    return {
        "Respondents": {"anyOf": [_list(form, "All respondents are written alike.") for form in forms]},
        "Table": {
            "type": "array",
            "items": forms[0],
            "minItems": 1,
            "description": "The columns, by name; a null is a missing answer. Arrow is an IPC stream or file without packed "
            "buffers.",
        },
        "CsvTable": {
            "type": "string",
            "pattern": _csv_pattern(features, tolerant=tolerant),
            "description": "A header with the columns, here in the catalogue's order, and a line per respondent. Other orders, "
            "quotes, spaces, exponents and carriage returns are read as well; an empty cell is a missing answer.",
        },
        "Labels": {
            "type": "object",
            "properties": {
                "labels": _list(label, "Persona ids; null for somebody with too few answers."),
                "personas": _list(persona, "Names of the personas."),
                "model_version": _TEXT,
                "detail": _object(detail),
                "ids": {"type": "object", "additionalProperties": {"type": "array"}},
            },
            "required": ["labels", "personas", "model_version"],
            "additionalProperties": False,
        },
        "Error": _object(
            {
                "error": {
                    "type": "object",
                    "properties": {"type": _TEXT, "message": _TEXT, "row": ids, "field": _TEXT},
                    "required": ["type", "message"],
                    "additionalProperties": False,
                }
            }
        ),
        "Model": _object(
            {
                "model_version": _TEXT,
                "features": _list(_TEXT, "In the order of arrays and centroids."),
                "personas": _list(
                    _object(
                        {"id": ids, "name": _TEXT, "centroid": _list({"type": "number"}, "In the unit of the answers.")}
                    ),
                    "In the catalogue's order.",
                ),
                "provenance": {"type": "object", "additionalProperties": _TEXT},
                "reference_wave": {"anyOf": [_TEXT, _NULL]},
                "loaded_at": {"type": "string", "format": "date-time"},
            }
        ),
        "Health": _object({"status": {"const": "alive"}}),
        "Readiness": _object(
            {
                "status": {"const": "ready"},
                "model_version": _TEXT,
                "problem": {"anyOf": [_TEXT, _NULL], "description": "What keeps a newer version away."},
            }
        ),
        "OpenApi": {"type": "object"},
    }


def _answer(feature: Feature, *, tolerant: bool) -> dict[str, Any]:
    low, high = feature.limits
    number: dict[str, Any] = {"type": "number", "minimum": low, "maximum": high}
    if feature.description:
        number["description"] = feature.description
    return {"anyOf": [number, _NULL]} if tolerant else number


def _csv_pattern(features: Sequence[Feature], *, tolerant: bool) -> str:
    """Give a pattern of plain CSV: what matches it is read, but it is not all that is."""
    header = ",".join(feature.name for feature in features)
    line = ",".join(_number_pattern(feature) + ("?" if tolerant else "") for feature in features)
    return f"^{header}\\n({line}\\n)*$"


def _number_pattern(feature: Feature) -> str:
    """Give a pattern of plain numbers within the limits of a feature."""
    low, high = feature.limits
    if low <= -_PLAIN and high >= _PLAIN:
        return r"(-?[0-9]{1,6}(\.[0-9]{1,3})?)"
    whole = range(math.ceil(low), min(math.floor(high), math.ceil(low) + _FEW) + 1)
    numbers = [str(number) for number in whole] or [f"{(low + high) / 2:f}"]
    return f"({'|'.join(map(re.escape, numbers))})"


def _column(name: str) -> dict[str, Any]:
    if name == "status":
        return {"enum": ["labelled", "no_fit", "incomplete"]}
    if name == "answered":
        return {"type": "integer"}
    kind = {"runner_up": {"type": "integer"}, "runner_up_persona": _TEXT}.get(name, {"type": "number"})
    return {"anyOf": [kind, _NULL]}


def _list(items: dict[str, Any], words: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": words}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """Give the schema of an object with exactly these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
