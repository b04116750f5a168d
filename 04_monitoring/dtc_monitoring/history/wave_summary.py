"""What is known about a wave after it was checked and labelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dtc_data import Wave
from dtc_data.tables import Withdrawal, mean_error

from dtc_monitoring.checks import CheckedWave
from dtc_monitoring.history.stored_labels import LabelledWave
from dtc_monitoring.history.stored_models import StoredModels


@dataclass(frozen=True)
class WaveSummary:
    """One wave, as its labels stand now."""

    wave: Wave
    units: int
    verdict: str | None
    """Status of the newest drift check of the wave; None if it was never checked."""
    shares: Mapping[str, float]
    """Share of each persona among those who have one, by name in the catalogue's order; empty without labels."""
    mean_distance: float | None
    """Mean distance to the nearest persona under the version that labelled, in scaled units; the smaller, the better do
    the personas fit. None without labels, or if a model cannot be read any more."""
    by_version: Mapping[str, int]
    """Respondents by the version that labelled them, ``vendor`` for the vendor; the most frequent first."""
    rests_on_withdrawn: bool = False
    """Whether that check saw respondents who were withdrawn later."""
    sampled: int | None = None
    """On how many of those who have a persona the mean distance rests; None if on all of them."""

    @classmethod
    def of(
        cls,
        labelled: LabelledWave,
        checked: CheckedWave | None,
        models: StoredModels,
        withdrawals: Sequence[Withdrawal] = (),
    ) -> "WaveSummary":
        """Sum a wave up."""
        names = labelled.catalogue.segment_names if labelled.by_version else ()
        return cls(
            wave=labelled.wave,
            units=labelled.units,
            verdict=checked.status if checked else None,
            shares=dict(zip(names, labelled.shares().tolist(), strict=False)),
            mean_distance=labelled.mean_distance(models.get),
            by_version=labelled.by_version,
            rests_on_withdrawn=checked is not None and checked.rests_on_withdrawn(withdrawals),
            sampled=labelled.sampled,
        )

    @property
    def version(self) -> str | None:
        """Who labelled: a version or ``vendor``, joined if there are several; None without labels."""
        return ", ".join(self.by_version) or None

    @property
    def unlabelled(self) -> int:
        """Respondents without a persona."""
        return self.units - sum(self.by_version.values())

    @property
    def sample_error(self) -> float | None:
        """By how much the mean distance is off at most in 95 of 100 samples, in standard deviations of the distances; None without a sample."""
        if not self.sampled:
            return None
        return mean_error(self.sampled, sum(self.by_version.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "wave": str(self.wave),
            "verdict": self.verdict,
            "verdict_rests_on_withdrawn": self.rests_on_withdrawn,
            "respondents": self.units,
            "unlabelled": self.unlabelled,
            "version": self.version,
            "by_version": dict(self.by_version),
            "mean_distance": self.mean_distance,
            "shares": dict(self.shares),
        } | ({"sampled": self.sampled, "sample_error": self.sample_error} if self.sampled else {})
