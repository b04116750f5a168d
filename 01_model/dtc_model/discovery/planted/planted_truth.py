"""What would be recovered of segments planted in as many units as there are, before anyone trusts what is found in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.metrics import adjusted_rand_score

from dtc_model.clustering import NO_SEGMENT
from dtc_model.discovery.planted.planted_mixture import NoiseLevel, PlantedMixture
from dtc_model.discovery.run_discovery import discover

NEW_UNITS: Final = 1_000
"""New units of the same segments, to see how the document labels those it has not met."""
NEW_SHARE: Final = 0.1
"""New units at the refit, for each unit that there was."""
MENTIONED_SHARE: Final = 0.005
RELIED_UPON: Final = 0.9
"""Adjusted Rand index from which nearly every unit is in the segment that it was planted in."""
PROVISIONAL: Final = 0.7
"""The same from which most units are."""


@dataclass(frozen=True)
class Recovery:
    """What a method found again of planted segments, on average over seeds."""

    method: str
    found: float
    """Number of segments."""
    right_number: float
    """Share of the seeds in which that is the planted number."""
    rand_index: float
    """Adjusted Rand index of the units' labels with the planted segments."""
    rand_index_new: float
    """The same of new units, labelled by the document."""
    best_possible: float
    """The same of whoever knows the planted distributions."""
    best_possible_new: float
    """The same of the new units: which units are drawn makes as much of a difference as the method where there are few."""
    relabelled: float
    """Share of the units that a refit a little later labels otherwise (see `PlantedMixture.later`)."""
    weakest: float
    """Jaccard similarity of the segment that comes back worst in resamples."""
    share_without: float
    """Share of the units without a segment."""

    @property
    def lost_on_new(self) -> float:
        """How much further new units are from what is possible for them than the units that the segments were found in."""
        return (self.best_possible_new - self.rand_index_new) - (self.best_possible - self.rand_index)

    @property
    def words(self) -> str:
        """Say what it means for units like these."""
        segments = f"{self.found:.1f} segments, the planted number in {self.right_number:.0%} of the draws"
        left_out = (
            f", {self.share_without:.0%} of the units without one" if self.share_without >= MENTIONED_SHARE else ""
        )
        return (
            f"{self.method}: {segments}; adjusted Rand index {self.rand_index:.2f}{left_out}, {self.rand_index_new:.2f} for new "
            f"units ({self.best_possible:.2f} and {self.best_possible_new:.2f} for whoever knows what was planted); a refit with a tenth of new units "
            f"relabels {self.relabelled:.1%}"
        )


def recover(  # noqa: PLR0913 - what is planted and how it is looked for, by keyword
    methods: Sequence[str],
    *,
    n_units: int,
    n_segments: int = 6,
    n_numbers: int = 8,
    n_categories: int = 4,
    noise: NoiseLevel = "middle",
    seeds: Sequence[int] = range(5),
    n_bootstraps: int = 10,
    report_progress: Callable[[str], None] = lambda _: None,
) -> list[Recovery]:
    """Plant segments, look for them without telling how many, and return what each method found, on average.

    Raises
    ------
    TrainingError
        If there is no such method.
    """
    recoveries = []
    for method in methods:
        rows = []
        for seed in seeds:
            planted = PlantedMixture.plant(
                n_segments=n_segments, n_numbers=n_numbers, n_categories=n_categories, noise=noise, seed=seed
            )
            rows.append(_recover_once(method, planted, n_units, n_bootstraps))
            report_progress(f"{method}, draw {seed}: {rows[-1][0]:.0f} segments, adjusted Rand index {rows[-1][2]:.2f}")
        recoveries.append(Recovery(method, *np.mean(rows, axis=0).tolist()))
    return recoveries


def verdict_in_words(recovery: Recovery, n_units: int) -> str:
    """Say what the figures mean for whoever wants to segment so many units."""
    if recovery.rand_index >= RELIED_UPON:
        return f"With {n_units:,} units like these nearly every one would be in its right segment."
    if recovery.rand_index >= PROVISIONAL:
        return f"With {n_units:,} units like these most would be in their right segment: take labels with a small margin as open."
    return (
        f"With {n_units:,} units like these the segments would not be found: collect more units, or features that tell them "
        "apart better."
    )


def _recover_once(method: str, planted: PlantedMixture, n_units: int, n_bootstraps: int) -> tuple[float, ...]:
    """Return the fields of a `Recovery` for one draw, from the number of segments on."""
    features, truth = planted.draw(n_units)
    new, truth_of_new = planted.draw(NEW_UNITS, draw=1)
    found = discover(features, method, seed=planted.seed, n_bootstraps=n_bootstraps)
    k = len(found.document.segment_ids)
    chosen = found.proposal.chosen
    refit = discover(
        planted.later(features, max(1, round(NEW_SHARE * n_units))), production=found.document, n_bootstraps=1
    )
    return (
        float(k),
        float(k == len(planted.shares)),
        float(adjusted_rand_score(truth, found.labels)),
        float(adjusted_rand_score(truth_of_new, found.document.label(new))),
        float(adjusted_rand_score(truth, planted.truth.label(features))),
        float(adjusted_rand_score(truth_of_new, planted.truth.label(new))),
        refit.matched.relabelled_share if refit.matched else 0.0,
        chosen.weakest if chosen else 1.0,
        float((found.labels == NO_SEGMENT).mean()),
    )
