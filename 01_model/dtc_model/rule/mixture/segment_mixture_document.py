"""The document of a registered mixture: that of nearest centroids, with the share and the spreads of each segment."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from dtc_data.catalogue import MIXTURE, FeatureEncoding
from pydantic import Field

from dtc_model.rule.model_document import (
    FORMAT,
    Finite,
    ReferenceEntry,
    SegmentDocument,
    SegmentEntry,
    read_document,
    write_document,
)

Positive = Annotated[Finite, Field(gt=0)]


class DistributionEntry(SegmentEntry):
    """A segment as a distribution over the features."""

    share: Annotated[Positive, Field(le=1)]
    """Of the units that are expected in the segment."""
    spreads: list[Positive]
    """Standard deviation of each feature, in scaled units."""


class DistributionsDocument(SegmentDocument):
    """All that a registered mixture consists of."""

    format: Literal[3] = FORMAT
    kind: Literal["mixture"] = MIXTURE  # type: ignore[assignment]  # a document of another kind
    segments: list[DistributionEntry]  # type: ignore[assignment]  # each with more than a centroid


def read_distributions(content: Mapping[str, Any]) -> DistributionsDocument:
    """Check the content of a document of the kind ``mixture``.

    Raises
    ------
    ModelBrokenError
        If any entry is missing, unknown or of the wrong type.
    """
    return read_document(content, DistributionsDocument)


def write_distributions(
    features: Sequence[FeatureEncoding],
    segments: list[DistributionEntry],
    provenance: Mapping[str, str],
    reference: ReferenceEntry | None,
) -> str:
    """Return the document as JSON text; numbers are written so that they come back exactly."""
    return write_document(
        DistributionsDocument(
            features=list(features), segments=segments, provenance=dict(provenance), reference=reference
        )
    )
