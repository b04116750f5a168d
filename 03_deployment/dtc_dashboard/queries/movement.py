"""How units move from segment to segment, and why shares changed: the people, or the model."""

from dataclasses import dataclass
from typing import Final

from dtc_data.catalogue import Segmentation
from dtc_monitoring.history import SegmentHistory, segment_history

from dtc_dashboard.queries.overview import counts_of
from dtc_dashboard.queries.sources import Sources

MOST_UNITS: Final = 100_000
"""Units in all waves together up to which a page works the history out; it loads every wave, one after the other."""


@dataclass(frozen=True)
class Movement:
    """The history, unless it takes a command's time."""

    units: int
    history: SegmentHistory | None
    """None if there are more units than a page can wait for."""


def read_movement(sources: Sources, segmentation: Segmentation) -> Movement:
    """Return the history of a segmentation, worked out once for each change of its table.

    Raises
    ------
    DtcError
        As `dtc_monitoring.history.segment_history`.
    """
    units = sum(found.units for found in counts_of(sources, segmentation))
    if not 0 < units <= MOST_UNITS:
        return Movement(units, None)
    catalogue, uri = segmentation.catalogue, sources.mlflow.tracking_uri
    found = sources.prepared(segmentation, ("history",), lambda: segment_history(sources.engine, catalogue, uri))
    return Movement(units, found)
