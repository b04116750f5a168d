"""A change of shares between two waves, split into what the people did and what the model did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dtc_data import Wave
from dtc_model.rule import FloatArray, SegmentModel

from dtc_monitoring.history.stored_labels import LabelledWave


@dataclass(frozen=True)
class ShareChange:
    """How the personas' shares changed from a wave to the next one that is labelled, by name of persona, from -1 to 1.

    ``people`` and ``model`` sum to ``total``. Both are missing, and ``problem`` says why, if the model that labelled the
    earlier wave cannot be read.
    """

    before: Wave
    after: Wave
    rule: str
    """The version that labelled the earlier wave; held fixed to see what the people did."""
    total: Mapping[str, float]
    people: Mapping[str, float] | None
    model: Mapping[str, float] | None
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "before": str(self.before),
            "after": str(self.after),
            "rule": self.rule,
            "total": dict(self.total),
            "people": None if self.people is None else dict(self.people),
            "model": None if self.model is None else dict(self.model),
            "problem": self.problem,
        }


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of the personas in one wave ``(n_segments,)``."""

    stored: FloatArray
    """As the wave is labelled."""
    under_rule: FloatArray
    """If the version that labelled the earlier wave of the two had labelled."""


def split_change(before: Shares, after: Shares) -> tuple[FloatArray, FloatArray]:
    """Split the change of the stored shares into that of the people and that of the model, each ``(n_segments,)``.

    The two sum to it. The people's part is the change under one and the same rule, that of the earlier wave. What remains is the model's:
    how far the later wave's labels are from that rule. (As in the decomposition of Oaxaca, 1973, and Blinder, 1973: one
    thing is changed at a time.) Labels of the earlier wave that do not follow its own rule, such as a vendor's that were
    not made by the nearest centroid, belong to the model's part too; where one version gave all, there are none.
    """
    people = after.under_rule - before.under_rule
    model = (after.stored - after.under_rule) - (before.stored - before.under_rule)
    return people, model


def change_between(before: LabelledWave, after: LabelledWave, rule: SegmentModel | None, problem: str) -> ShareChange:
    """Compare two waves that have labels.

    Parameters
    ----------
    before, after : LabelledWave
    rule : SegmentModel or None
        The model that labelled most of the earlier wave, if it can be read.
    problem : str
        Why not, if it cannot.
    """
    names = before.catalogue.segment_names
    people = model = None
    if rule is not None:
        parts = split_change(*(Shares(wave.shares(), wave.shares_under(rule)) for wave in (before, after)))
        people, model = (dict(zip(names, part.tolist(), strict=True)) for part in parts)
    total = dict(zip(names, (after.shares() - before.shares()).tolist(), strict=True))
    return ShareChange(before.wave, after.wave, before.rule, total, people, model, "" if people else problem)
