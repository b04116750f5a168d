"""One unit that somebody typed: from the form's texts to its segment, the runner-up and the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from dtc_data.catalogue import Catalogue, Feature, Segmentation, answer_columns
from dtc_model.registry import RegistryReader
from dtc_model.rule import Pull, SegmentModel, explain_label

from dtc_dashboard.queries.query_result import QueryResult, ask
from dtc_dashboard.queries.sources import Sources


@dataclass(frozen=True)
class TypedUnit:
    """What was typed, by feature: texts as they came, and what they mean."""

    texts: Mapping[str, str]
    answers: Mapping[str, float | str | None]
    wrong: Mapping[str, str]
    """By feature, what an answer may be where the typed one is none; empty for one that is missing."""


@dataclass(frozen=True)
class Typed:
    """What the service says about the unit."""

    label: int | None
    segment: str | None
    runner_up: str | None
    probability: float | None
    fit: float | None
    """Percentile of the distance among the reference wave's units of that segment."""
    status: str
    version: str
    reasons: QueryResult[list[Pull]]
    """What each answer says for the segment and against the runner-up, the strongest first."""


def read_typed(catalogue: Catalogue, texts: Mapping[str, str]) -> TypedUnit:
    """Read the answers of a form by the catalogue; a comma is a decimal point, as people type it."""
    kept = {name: texts.get(name, "").strip() for name in catalogue.feature_names}
    answers: dict[str, float | str | None] = {}
    wrong: dict[str, str] = {}
    for feature in catalogue.features:
        try:
            answers[feature.name] = _answer(feature, kept[feature.name])
        except ValueError:
            wrong[feature.name] = feature.words_for_valid
    if sum(answer is not None for answer in answers.values()) + len(wrong) < catalogue.minimum_answered:
        wrong |= {name: "" for name in catalogue.feature_names if answers.get(name, "") is None}
    return TypedUnit(kept, answers, wrong)


def label_typed(sources: Sources, segmentation: Segmentation, unit: TypedUnit) -> Typed:
    """Ask the service for the unit's segment, and the model that labelled it for the reasons.

    Raises
    ------
    ServiceDownError, ServiceRefusesError
        As `LabellingService.label`.
    """
    catalogue = segmentation.catalogue
    said = sources.service.label(segmentation.name, [dict(unit.answers)])
    detail, version = said["detail"], str(said["model_version"])
    names = dict(zip(catalogue.segment_ids, catalogue.segment_names, strict=True))
    label, runner_up = said["labels"][0], detail["runner_up"][0]
    segment, rival = names.get(label), names.get(runner_up)
    reasons: QueryResult[list[Pull]] = QueryResult([])
    if segment is not None and rival is not None:
        reasons = ask(lambda: explain_label(_model(sources, catalogue, version), _row(catalogue, unit), segment, rival))
    return Typed(
        label, segment, rival, detail["probability"][0], detail["fit"][0], detail["status"][0], version, reasons
    )


def typical_texts(catalogue: Catalogue) -> dict[int, dict[str, str]]:
    """Return answers as they would be typed for a unit at the centre of each segment, by its id."""
    columns = answer_columns(SegmentModel.from_catalogue(catalogue).typical_answers, catalogue.features)
    return {
        id_: {name: _typed(column[row]) for name, column in columns.items()}
        for row, id_ in enumerate(catalogue.segment_ids)
    }


def _answer(feature: Feature, text: str) -> float | str | None:
    if not text:
        return None
    if feature.in_words:
        if text not in feature.values:
            raise ValueError(text)
        return text
    number = float(text.replace(",", "."))
    low, high = feature.limits
    if not low <= number <= high or (feature.is_whole and not number.is_integer()):
        raise ValueError(text)
    return number


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else f"{float(value):.6g}"


def _model(sources: Sources, catalogue: Catalogue, version: str) -> SegmentModel:
    with RegistryReader(sources.mlflow.tracking_uri, catalogue.registered_model) as reader:
        return reader.fetch(version).model


def _row(catalogue: Catalogue, unit: TypedUnit) -> list[float]:
    """Return the answers as codes, ``(n_features,)``; NaN where one is missing."""
    return [_code(feature, unit.answers.get(feature.name)) for feature in catalogue.features]


def _code(feature: Feature, answer: float | str | None) -> float:
    if answer is None:
        return np.nan
    return feature.codes[answer] if isinstance(answer, str) else answer
