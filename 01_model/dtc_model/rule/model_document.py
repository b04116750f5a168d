"""A model as a JSON document: its schema, and how a text is checked against it."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from dtc_data.catalogue import NEAREST_CENTROID, FeatureEncoding
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dtc_model.errors import ModelBrokenError

FORMAT: Final = 3
"""Version of the schema that is written; a reader refuses the ones it does not know."""

READABLE_FORMATS: Final = (1, 2, 3)
"""Formats 1 and 2 know numbers with a scale only, and one kind of model; format 1 has no reference."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True)


class SegmentEntry(_Part):
    """A segment and its centroid: the typical answers, and for a category the share of each value."""

    id: Annotated[int, Field(ge=0, lt=2**31)]
    name: Annotated[str, Field(min_length=1)]
    centroid: list[Finite]
    typical: dict[str, str] = {}
    """For people: what a centroid says about features that are answered in words. Nothing is computed from it."""


class ReferenceEntry(_Part):
    """How far the units of a wave lie from their segments, in scaled units."""

    wave: str
    spread: Annotated[Finite, Field(gt=0)]
    quantiles: list[list[Annotated[Finite, Field(ge=0)]] | None]
    """One ascending list per segment, or None for a segment without units in the wave."""


class SegmentDocument(_Part):
    """All that a model of the kind `NEAREST_CENTROID` consists of."""

    format: Literal[1, 2, 3] = FORMAT
    kind: Literal["nearest_centroid"] = NEAREST_CENTROID
    features: list[FeatureEncoding]
    projection: list[list[Finite]] | None = None
    """Columns of the distance by axes; None where the columns are the axes."""
    segments: Annotated[list[SegmentEntry], Field(validation_alias=AliasChoices("segments", "personas"))]
    provenance: dict[str, str]
    reference: ReferenceEntry | None = None

    @model_validator(mode="after")
    def _centroids_have_the_features(self) -> Self:
        n_columns = sum([feature.width for feature in self.features])
        for segment in self.segments:
            if len(segment.centroid) != n_columns:
                raise ValueError(
                    f"segment {segment.name!r} has a centroid of {len(segment.centroid)} numbers, "
                    f"but there are {n_columns} columns of {len(self.features)} features"
                )
        return self


def write_document(document: SegmentDocument) -> str:
    """Return the document as JSON text; numbers are written so that they come back exactly."""
    content = document.model_dump() | {
        "features": [feature.model_dump(exclude_defaults=True) for feature in document.features],
        "segments": [segment.model_dump(exclude_defaults=True) for segment in document.segments],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def parse_document(text: str) -> dict[str, Any]:
    """Read a document of any kind as far as its format; ``kind`` is that of the old formats where it has none.

    Raises
    ------
    ModelBrokenError
        If the text is not JSON, or has another format.
    """
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelBrokenError(f"the model is not a JSON document: {error}") from error
    if not isinstance(content, dict) or "format" not in content:
        raise ModelBrokenError("the model is broken: it is not a mapping with a format")
    if content["format"] not in READABLE_FORMATS:
        known = ", ".join(map(str, READABLE_FORMATS))
        raise ModelBrokenError(f"the model has format {content['format']!r}, but this program reads {known}")
    return {"kind": NEAREST_CENTROID} | content


def read_segments(content: Mapping[str, Any]) -> SegmentDocument:
    """Check the content of a document of the kind `NEAREST_CENTROID`.

    Raises
    ------
    ModelBrokenError
        If any entry is missing, unknown or of the wrong type.
    """
    return read_document(content, SegmentDocument)


Document = TypeVar("Document", bound=SegmentDocument)


def read_document(content: Mapping[str, Any], kind: type[Document]) -> Document:
    """Check the content of a document of any kind; errors as for `read_segments`."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise ModelBrokenError("the model is broken: " + "; ".join(map(_describe, error.errors()))) from error


def _describe(problem: Any) -> str:
    location = ".".join(str(step) for step in problem["loc"])
    return f"{location}: {problem['msg']}" if location else str(problem["msg"])
