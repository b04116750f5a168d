"""The schemas of the OpenAPI document: what requests and responses look like."""

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from dtc_data.catalogue import Catalogue, Feature

Schema = dict[str, Any]

TEXT: Final = {"type": "string"}
_NULL: Final = {"type": "null"}
_ID: Final = {"type": "integer"}
_PLAIN: Final = 1e6
"""Numbers up to here are written with at most six digits before the point."""
_FEW: Final = 20
"""Whole numbers that a pattern lists."""
_COLUMNS: Final = {
    "distance": "Distance to the {words.segment} in scaled units, over the answered features, rescaled to all of them.",
    "runner_up": "Id of the second nearest {words.segment}.",
    "runner_up_{column}": "Its name.",
    "runner_up_distance": "Distance to it.",
    "margin": "(d2 - d1) / d2: 0 between two {words.segments}, 1 on a centroid.",
    "probability": "Probability of the {words.segment}, if all are equally frequent and spread alike in all directions.",
    "fit": "Percentile of the distance among the reference wave's {words.units} of that {words.segment}.",
    "answered": "Number of answered features.",
    "status": "labelled, no_fit (further away than almost everybody in the reference wave) or incomplete.",
}


def common_schemas() -> dict[str, Schema]:
    """Return the schemas that hold for every segmentation, by the name under which the document refers to them."""
    return {
        "Error": _error(),
        "Segmentations": _list(_segmentation(), "The default one first."),
        "Health": _object({"status": {"const": "alive"}}),
        "Readiness": _readiness(),
        "OpenApi": {"type": "object"},
    }


def schemas_of(catalogue: Catalogue) -> dict[str, Schema]:
    """Return the schemas of what one segmentation is asked and answers, likewise."""
    return {**_of_requests(catalogue), "Labels": _labels(catalogue), "Model": _model(catalogue)}


def _of_requests(catalogue: Catalogue) -> dict[str, Schema]:
    features, names = catalogue.features, catalogue.feature_names
    tolerant = catalogue.missing_answers.minimum_answered is not None
    answers = [_answer(feature, tolerant=tolerant) for feature in features]
    positions = {str(position): answer for position, answer in enumerate(answers)}
    array = {
        "type": "array",
        "prefixItems": answers,
        "minItems": len(features),
        "maxItems": len(features),
        "description": f"In the order {', '.join(names)}",
    }
    forms = (_object(dict(zip(names, answers, strict=True))), _object(positions), array)
    return {
        "Units": {"anyOf": [_list(form, f"All {catalogue.words.units} are written alike.") for form in forms]},
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
            "description": "A header with the columns, here in the catalogue's order, and a line for each of them. Other orders, "
            "quotes, spaces, exponents and carriage returns are read as well; an empty cell is a missing answer.",
        },
    }


def _labels(catalogue: Catalogue) -> Schema:
    words, names = catalogue.words, f"{catalogue.segment_column}s"
    label, segment = {"anyOf": [_ID, _NULL]}, {"anyOf": [TEXT, _NULL]}
    detail = {
        name.format(column=catalogue.segment_column): _list(_column(name), said.format(words=words))
        for name, said in _COLUMNS.items()
    }
    return {
        "type": "object",
        "properties": {
            "labels": _list(label, f"Ids of {words.segments}; null where too few answers were given."),
            names: _list(segment, f"Names of the {words.segments}."),
            "model_version": TEXT,
            "detail": _object(detail),
            "ids": {"type": "object", "additionalProperties": {"type": "array"}},
        },
        "required": ["labels", names, "model_version"],
        "additionalProperties": False,
    }


def _readiness() -> Schema:
    version, problem = {"anyOf": [TEXT, _NULL]}, {"anyOf": [TEXT, _NULL], "description": "What keeps a newer one away."}
    other = _object({"name": TEXT, "model_version": version, "problem": problem})
    return _object(
        {
            "status": {"const": "ready"},
            "model_version": TEXT,
            "problem": problem,
            "segmentation": {"type": "string", "description": "The default one, which the three above are about."},
            "others": _list(other, "The other segmentations."),
        }
    )


def _segmentation() -> Schema:
    version = {"anyOf": [TEXT, _NULL], "description": "The version that is served; null while none is."}
    return _object(
        {
            "name": {"type": "string", "description": "As it stands in /predict/<name>."},
            "title": TEXT,
            "unit": {"type": "string", "description": "What a unit is called."},
            "segment": {"type": "string", "description": "What a segment is called."},
            "version": version,
            "features": _list(TEXT, "In the order of arrays."),
        }
    )


def _error() -> Schema:
    return _object(
        {
            "error": {
                "type": "object",
                "properties": {"type": TEXT, "message": TEXT, "row": _ID, "field": TEXT},
                "required": ["type", "message"],
                "additionalProperties": False,
            }
        }
    )


def _model(catalogue: Catalogue) -> Schema:
    centroid = _list({"type": "number"}, "In the unit of the answers; of a category the share of each value.")
    typical = {
        "type": "object",
        "additionalProperties": TEXT,
        "description": "The same in words, by feature, where answers are words.",
    }
    segment = _object({"id": _ID, "name": TEXT, "centroid": centroid, "typical": typical})
    return _object(
        {
            "model_version": TEXT,
            "features": _list(TEXT, "In the order of arrays."),
            "centroid_columns": _list(
                TEXT, "In the order of centroids: a column per feature, or per value of a category."
            ),
            f"{catalogue.segment_column}s": _list(segment, "In the catalogue's order."),
            "provenance": {"type": "object", "additionalProperties": TEXT},
            "reference_wave": {"anyOf": [TEXT, _NULL]},
            "loaded_at": {"type": "string", "format": "date-time"},
        }
    )


def _answer(feature: Feature, *, tolerant: bool) -> Schema:
    low, high = feature.limits
    answer: Schema = {"type": "number", "minimum": low, "maximum": high}
    if feature.in_words:
        answer = {"enum": list(feature.values)}
        if tolerant and feature.takes_unseen:  # another text counts as missing
            answer = {"type": "string", "examples": list(feature.values)}
    elif feature.type == "yes_no":
        answer = {"enum": [True, False, 0, 1]}
    elif feature.is_whole:
        answer["multipleOf"] = 1
    if words := feature.question or feature.label:
        answer["description"] = words
    missing = [{"enum": list(feature.missing)}] if feature.missing else []
    return {"anyOf": [answer, *missing, _NULL]} if tolerant else answer


def _csv_pattern(features: Sequence[Feature], *, tolerant: bool) -> str:
    """Return a pattern of plain CSV: what matches it is read, but it is not all that is."""
    header = ",".join(feature.name for feature in features)
    line = ",".join(_cell_pattern(feature) + ("?" if tolerant else "") for feature in features)
    return f"^{header}\\n({line}\\n)*$"


def _cell_pattern(feature: Feature) -> str:
    """Return a pattern of a feature's values, or of plain numbers within its limits."""
    if feature.in_words:
        return f"({'|'.join(_csv_cell(value) for value in feature.codes)})"
    low, high = feature.limits
    if low <= -_PLAIN and high >= _PLAIN:
        return r"(-?[0-9]{1,6}(\.[0-9]{1,3})?)"
    whole = range(math.ceil(low), min(math.floor(high), math.ceil(low) + _FEW) + 1)
    numbers = [str(number) for number in whole] or [f"{(low + high) / 2:f}"]
    return f"({'|'.join(map(re.escape, numbers))})"


def _csv_cell(text: str) -> str:
    quoted = '"' + text.replace('"', '""') + '"'
    return re.escape(quoted if set(',"\r\n').intersection(text) else text)


def _column(name: str) -> Schema:
    if name == "status":
        return {"enum": ["labelled", "no_fit", "incomplete"]}
    if name == "answered":
        return {"type": "integer"}
    kind = {"runner_up": {"type": "integer"}, "runner_up_{column}": TEXT}.get(name, {"type": "number"})
    return {"anyOf": [kind, _NULL]}


def _list(items: Schema, words: str) -> Schema:
    return {"type": "array", "items": items, "description": words}


def _object(properties: Schema) -> Schema:
    """Return the schema of an object with exactly these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
