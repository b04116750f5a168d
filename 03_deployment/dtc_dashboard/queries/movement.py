"""How units move from segment to segment, and why shares changed: the people, or the model."""

from dataclasses import dataclass
from typing import Final

from dtc_data.catalogue import Segmentation
from dtc_monitoring.history import SegmentHistory, Transitions, segment_history, segment_transitions

from dtc_dashboard.queries.overview import counts_of
from dtc_dashboard.queries.sources import Sources

MOST_UNITS: Final = 100_000
"""Units in all waves together up to which a page works out why shares changed: it loads every wave, one after the other."""


@dataclass(frozen=True)
class Movement:
    """Who moved, and why shares changed unless that takes a command's time."""

    units: int
    transitions: Transitions | None
    """None while there are no units."""
    history: SegmentHistory | None
    """None if there are more units than a page can wait for."""


def read_movement(sources: Sources, segmentation: Segmentation) -> Movement:
    """Return the movement within a segmentation, worked out once for each change of its table.

    Raises
    ------
    DtcError
        As `dtc_monitoring.history.segment_history`.
    """
    units = sum(found.units for found in counts_of(sources, segmentation))
    engine, catalogue = sources.engine, segmentation.catalogue
    if not units:
        return Movement(units, None, None)
    if units > MOST_UNITS:
        counted = sources.prepared(segmentation, ("transitions",), lambda: segment_transitions(engine, catalogue))
        return Movement(units, counted, None)
    uri = sources.mlflow.tracking_uri
    found = sources.prepared(segmentation, ("history",), lambda: segment_history(engine, catalogue, uri))
    return Movement(units, found.transitions, found)
