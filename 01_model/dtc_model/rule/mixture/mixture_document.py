"""The mixture as a JSON document: its schema, and how a text is checked against it."""

import json
from typing import Annotated, Any, Final, Literal

from dtc_data.catalogue import MIXTURE
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dtc_model.errors import ModelBrokenError

KIND: Final = MIXTURE
"""What tells this document from those of other rules."""
FORMAT: Final = 1
"""Version of the schema that is written; a reader refuses the ones it does not know."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[Finite, Field(gt=0)]
Share = Annotated[Finite, Field(gt=0, le=1)]
Name = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NumberEntry(_Part):
    """A number and its encoding."""

    type: Literal["number"] = "number"
    name: Name
    encoding: Literal["raw", "log1p", "quantile"] = "raw"
    quantiles: list[Finite] | None = None


class CategoryEntry(_Part):
    """A category and its levels."""

    type: Literal["category"] = "category"
    name: Name
    levels: Annotated[list[str], Field(min_length=1)]


FeatureEntry = Annotated[NumberEntry | CategoryEntry, Field(discriminator="type")]


class ProjectionEntry(_Part):
    """The axes that features are projected on before a density is taken."""

    means: list[Finite]
    spreads: list[Positive]
    shares: list[list[Share]]
    axes: list[list[Finite]]


class MixtureSegmentEntry(_Part):
    """A segment as a distribution, over the encoded features or their projection."""

    id: Annotated[int, Field(ge=0, lt=2**31)]
    name: Name
    share: Share
    means: list[Finite]
    variances: list[Positive] | None = None
    """Only where each segment has its own spreads."""
    probabilities: list[list[Share]]
    """Per category, of each level."""
    surprises: list[Finite] | None = None
    """How unusual the training units of the segment were, at evenly spaced percentiles."""


class MixtureDocument(_Part):
    """All that a mixture consists of."""

    kind: Literal["mixture"] = KIND
    format: Literal[1] = FORMAT
    features: Annotated[list[FeatureEntry], Field(min_length=1)]
    projection: ProjectionEntry | None = None
    spread: Literal["pooled", "own", "tied"]
    covariance: list[list[Finite]] | None = None
    """One row of variances if pooled, the matrix if tied."""
    segments: Annotated[list[MixtureSegmentEntry], Field(min_length=1)]
    provenance: dict[str, str]


def write_mixture(document: MixtureDocument) -> str:
    """Return the document as JSON text; numbers are written so that they come back exactly."""
    content = document.model_dump(exclude_none=True)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_mixture(text: str) -> MixtureDocument:
    """Read and check a document.

    Raises
    ------
    ModelBrokenError
        If the text is not JSON, of another kind or format, or any entry is missing, unknown or of the wrong type.
    """
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelBrokenError(f"the mixture is not a JSON document: {error}") from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ModelBrokenError(f"the document is not a mixture: it has no entry kind with the value {KIND!r}")
    if content.get("format") != FORMAT:
        raise ModelBrokenError(f"the mixture has format {content.get('format')!r}, but this program reads {FORMAT}")
    try:
        return MixtureDocument.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ModelBrokenError(f"the mixture is broken: {problems}") from error
