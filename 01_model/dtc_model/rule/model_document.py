"""The persona model as a JSON document: its schema, and how a text is checked against it."""

import json
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dtc_model.errors import ModelBrokenError

FORMAT: Final = 2
"""Version of the schema that is written; a reader refuses the ones it does not know."""

READABLE_FORMATS: Final = (1, 2)
"""Format 1 has no reference."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True)


class FeatureEntry(_Part):
    """A feature and the divisor of its answers."""

    name: Annotated[str, Field(min_length=1)]
    scale: Finite


class SegmentEntry(_Part):
    """A persona and its centroid, in the unit of the answers and the order of the features."""

    id: Annotated[int, Field(ge=0, lt=2**31)]
    name: Annotated[str, Field(min_length=1)]
    centroid: list[Finite]


class ReferenceEntry(_Part):
    """How far the respondents of a wave lie from their personas, in scaled units."""

    wave: str
    spread: Annotated[Finite, Field(gt=0)]
    quantiles: list[list[Annotated[Finite, Field(ge=0)]] | None]
    """One ascending list per persona, or None for a persona without respondents in the wave."""


class SegmentDocument(_Part):
    """All that a persona model consists of."""

    format: Literal[1, 2] = FORMAT
    features: list[FeatureEntry]
    segments: Annotated[
        list[SegmentEntry], Field(validation_alias=AliasChoices("segments", "personas"), serialization_alias="personas")
    ]
    provenance: dict[str, str]
    reference: ReferenceEntry | None = None

    @model_validator(mode="after")
    def _centroids_have_the_features(self) -> Self:
        for segment in self.segments:
            if len(segment.centroid) != len(self.features):
                raise ValueError(
                    f"persona {segment.name!r} has a centroid of {len(segment.centroid)} numbers, "
                    f"but there are {len(self.features)} features"
                )
        return self


def write_document(document: SegmentDocument) -> str:
    """Give the document as JSON text; numbers are written so that they come back exactly."""
    return json.dumps(document.model_dump(by_alias=True), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_document(text: str) -> SegmentDocument:
    """Read and check a document.

    Raises
    ------
    ModelBrokenError
        If the text is no JSON, has another format, or any entry is missing, unknown or of the wrong type.
    """
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelBrokenError(f"the persona model is no JSON document: {error}") from error
    if not isinstance(content, dict) or "format" not in content:
        raise ModelBrokenError("the persona model is broken: it is not a mapping with a format")
    if content["format"] not in READABLE_FORMATS:
        known = " and ".join(map(str, READABLE_FORMATS))
        raise ModelBrokenError(f"the persona model has format {content['format']!r}, but this program reads {known}")
    try:
        return SegmentDocument.model_validate(content)
    except ValidationError as error:
        raise ModelBrokenError("the persona model is broken: " + "; ".join(map(_describe, error.errors()))) from error


def _describe(problem: Any) -> str:
    location = ".".join(str(step) for step in problem["loc"])
    return f"{location}: {problem['msg']}" if location else str(problem["msg"])
