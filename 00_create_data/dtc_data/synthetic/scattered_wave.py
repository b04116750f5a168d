"""Synthetic waves: units scattered around the catalogue's centroids."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.catalogue import Catalogue, FloatArray, answer_columns
from dtc_data.core import DATE, UNIT_ID, SettingsError, Wave

_SEEDS = 2**32
"""NumPy's legacy generator, which ``make_blobs`` uses, takes whole numbers below this."""

_ID_DIGITS = 4
"""Fewest digits of the counter in an id."""

_DRAWN = ("category", "yes_no")
"""Types of which a centroid holds shares."""

_OF_CATEGORIES = 1
"""Sets the draws of categories apart from those of numbers."""


def make_wave(  # noqa: PLR0913 - each argument alone changes which rows come out
    catalogue: Catalogue,
    n_units: int,
    std_dev: float,
    seed: int,
    wave: Wave,
    *,
    shares: Sequence[float] | None = None,
    labelled: bool = True,
) -> pd.DataFrame:
    """Make one month of units as isotropic Gaussian blobs around the centroids.

    The same arguments always give the same rows: those of ``sklearn.datasets.make_blobs`` with the same seed. An answer
    beyond a limit that the catalogue sets is moved to the limit, and a grade is rounded. Categories and yes or no are drawn
    by the shares in the centroid.

    Parameters
    ----------
    catalogue : Catalogue
        Its centroids are the centres.
    n_units : int
        How many units.
    std_dev : float
        Standard deviation of numbers and grades around a centroid, in the unit of the answers and the same for all.
    seed : int
        Two months with the same seed hold the same rows.
    wave : Wave
        The month; every unit is dated to its first day.
    shares : sequence of float, optional
        Weight of each segment in the catalogue's order, in any unit (60, 30, 10). Equal by default.
    labelled : bool
        Whether the segment that a unit was made from is given.

    Returns
    -------
    DataFrame
        Columns unit_id, date, the features, segment (Int64, the segment's id or missing).

    Raises
    ------
    SettingsError
        If an argument is out of its range; the message names it.
    """
    if n_units < 1:
        raise SettingsError(f"n_units is {n_units}, but a wave needs at least 1 {catalogue.words.unit}")
    if not (math.isfinite(std_dev) and std_dev > 0):
        raise SettingsError(f"std_dev is {std_dev:g}, but a standard deviation is a finite number above 0")
    if not 0 <= seed < _SEEDS:
        raise SettingsError(f"seed is {seed}, but a seed is a whole number from 0 to {_SEEDS - 1}")
    counts = units_per_segment(n_units, shares, catalogue)
    answers, origins = _scatter(catalogue, counts, std_dev, seed)
    digits = max(_ID_DIGITS, len(str(n_units)))
    segments = np.array(catalogue.segment_ids)[origins]
    frame = pd.DataFrame(answer_columns(np.clip(answers, *catalogue.limits), catalogue.features))
    frame.insert(0, UNIT_ID, [f"{wave}-{number:0{digits}d}" for number in range(1, n_units + 1)])
    frame.insert(1, DATE, pd.Timestamp(wave.start))
    return frame.assign(segment=pd.array(segments if labelled else [None] * n_units, dtype="Int64"))


def units_per_segment(n_units: int, shares: Sequence[float] | None, catalogue: Catalogue) -> list[int]:
    """Split a number of units over the segments so that the parts sum to it (largest remainders get the rest).

    Raises
    ------
    SettingsError
        If the shares are not one finite number of at least 0 per segment, or are all 0.
    """
    n_segments = len(catalogue.segments)
    weights = np.ones(n_segments) if shares is None else np.asarray(shares, dtype=np.float64)
    if len(weights) != n_segments:
        raise SettingsError(
            f"shares holds {len(weights)} numbers, but there are {n_segments} {catalogue.words.segments}: "
            f"give one share for each of {', '.join(catalogue.segment_names)}"
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and 0 < weights.sum() < math.inf):
        raise SettingsError(
            f"shares is {weights.tolist()}, but shares are finite numbers of at least 0, not all of them 0"
        )
    exact = weights / weights.sum() * n_units
    counts = np.floor(exact).astype(int)
    by_remainder = np.argsort(counts - exact, kind="stable")  # stable: of equal remainders the first segment gets one
    counts[by_remainder[: n_units - counts.sum()]] += 1
    return [int(count) for count in counts]


def _scatter(
    catalogue: Catalogue, counts: Sequence[int], std_dev: float, seed: int
) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Return answers ``(n_units, n_features)`` and the position of the segment that each was made from."""
    # Imported here: whoever only reads the catalogue or the table needs no scikit-learn.
    from sklearn.datasets import make_blobs  # noqa: PLC0415 - see above

    starts = np.cumsum([0, *(feature.width for feature in catalogue.features)])
    numbers = [position for position, feature in enumerate(catalogue.features) if feature.type not in _DRAWN]
    centres = catalogue.centroids[:, starts[numbers]] if numbers else np.zeros((len(counts), 1))
    scattered, origins = make_blobs(n_samples=counts, centers=centres, cluster_std=std_dev, random_state=seed)
    if len(numbers) == len(catalogue.features) and not any(feature.is_whole for feature in catalogue.features):
        return scattered, origins
    answers = np.empty((len(origins), len(catalogue.features)))
    answers[:, numbers] = scattered[:, : len(numbers)]
    random = np.random.default_rng([seed, _OF_CATEGORIES])
    for position, feature in enumerate(catalogue.features):
        if feature.type in _DRAWN:
            shares = catalogue.centroids[:, starts[position] : starts[position + 1]]
            answers[:, position] = _drawn(
                np.hstack([1 - shares, shares]) if feature.width == 1 else shares, origins, random
            )
        elif feature.is_whole:
            answers[:, position] = np.rint(answers[:, position])
    return answers, origins


def _drawn(shares: FloatArray, origins: npt.NDArray[np.intp], random: np.random.Generator) -> npt.NDArray[np.intp]:
    """Draw a code for each unit by the shares ``(n_segments, n_values)`` of its segment."""
    below = shares.cumsum(axis=1)[origins, :-1]
    codes: npt.NDArray[np.intp] = (random.random((len(origins), 1)) >= below).sum(axis=1)
    return codes
