"""The labels of some respondents, as columns to be written in any form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from dtc_model.rule import INCOMPLETE, Detail, LabelStatus, SegmentModel

STATUSES = np.array([status.name.lower() for status in LabelStatus], dtype=object)


@dataclass(frozen=True)
class Names:
    """Ids and names by position, with nothing at the end, where `INCOMPLETE` leads."""

    ids: npt.NDArray[Any]
    segments: npt.NDArray[Any]
    column: str = "segment"
    """What the column with the names is called in an answer, by the catalogue."""

    @property
    def runner_up_column(self) -> str:
        """What the column with the names of the second nearest segments is called."""
        return f"runner_up_{self.column}"

    @classmethod
    def of(cls, model: SegmentModel, column: str = "segment") -> "Names":
        """Take them from a model."""
        ids, names = np.array([*model.segment_ids, None], object), np.array([*model.segment_names, None], object)
        return cls(ids, names, column)


class LabelCounts(NamedTuple):
    """How many units got each segment and each status, without those that nobody got."""

    segments: Mapping[str, int]
    statuses: Mapping[str, int]
    """``labelled``, ``no_fit`` and ``incomplete``; without detail nobody is known not to fit."""


@dataclass(frozen=True)
class Labels:
    """What one version of the model says about the respondents of a request, in their order."""

    positions: npt.NDArray[np.intp]
    """Position of each persona, or `INCOMPLETE`."""
    names: Names
    version: str
    detail: Detail | None = None
    ids: Mapping[str, Any] = field(default_factory=dict)
    """The id columns of the request."""

    @cached_property
    def labels(self) -> list[int | None]:
        """Persona ids of the catalogue; None for the incomplete."""
        labels: list[int | None] = self.names.ids[self.positions].tolist()
        return labels

    @cached_property
    def segments(self) -> list[str | None]:
        """Names of the personas."""
        segments: list[str | None] = self.names.segments[self.positions].tolist()
        return segments

    def facts(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Return the columns of a full answer that stand beside label and persona, ``(n_units,)`` each, by name."""
        if (detail := self.detail) is None:
            return
        yield "distance", detail.distances
        yield "runner_up", self.names.ids[detail.runner_ups]
        yield self.names.runner_up_column, self.names.segments[detail.runner_ups]
        yield "runner_up_distance", detail.runner_up_distances
        yield "margin", detail.margins
        yield "probability", detail.probabilities
        yield "fit", detail.fits
        yield "answered", detail.answered
        yield "status", STATUSES[detail.statuses]

    def counts(self) -> LabelCounts:
        """Count the units by segment and by status."""
        incomplete, *counts = np.bincount(self.positions - INCOMPLETE, minlength=len(self.names.ids)).tolist()
        no_fit = 0 if self.detail is None else int(np.count_nonzero(self.detail.statuses == LabelStatus.NO_FIT))
        statuses = {"labelled": sum(counts) - no_fit, "no_fit": no_fit, "incomplete": incomplete}
        return LabelCounts(
            {name: count for name, count in zip(self.names.segments, counts, strict=False) if count},
            {status: count for status, count in statuses.items() if count},
        )


FACTS = ("distance", "runner_up", "runner_up_distance", "margin", "probability", "fit", "answered", "status")
"""Names of the columns that `Labels.facts` gives, beside the name of the runner-up, which is called as the catalogue says."""
RESERVED = frozenset({"label", "persona", "segment", "runner_up_persona", "runner_up_segment", *FACTS})
"""Columns of an answer; no id column may be called so."""
