"""Synthetic waves: respondents scattered around the catalogue's centroids."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.catalogue import Catalogue, FloatArray
from dtc_data.core import SettingsError, Wave

_SEEDS = 2**32
"""NumPy's legacy generator, which ``make_blobs`` uses, takes whole numbers below this."""

_ID_DIGITS = 4
"""Fewest digits of the counter in a customer id."""


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
    """Make one month of respondents as isotropic Gaussian blobs around the centroids.

    The same arguments always give the same rows: those of ``sklearn.datasets.make_blobs`` with the same seed. An answer
    beyond a limit that the catalogue sets is moved to the limit.

    Parameters
    ----------
    catalogue : Catalogue
        Its centroids are the centres.
    n_units : int
        How many respondents.
    std_dev : float
        Standard deviation around a centroid, in the unit of the answers and the same for every feature.
    seed : int
        Two months with the same seed hold the same rows.
    wave : Wave
        The month; every respondent is dated to its first day.
    shares : sequence of float, optional
        Weight of each persona in the catalogue's order, in any unit (60, 30, 10). Equal by default.
    labelled : bool
        Whether the persona that a respondent was made from is given.

    Returns
    -------
    DataFrame
        Columns customer_id, date, the features, persona (Int64, the persona's id or missing).

    Raises
    ------
    SettingsError
        If an argument is out of its range; the message names it.
    """
    if n_units < 1:
        raise SettingsError(f"n_units is {n_units}, but a wave needs at least 1 respondent")
    if not (math.isfinite(std_dev) and std_dev > 0):
        raise SettingsError(f"std_dev is {std_dev:g}, but a standard deviation is a finite number above 0")
    if not 0 <= seed < _SEEDS:
        raise SettingsError(f"seed is {seed}, but a seed is a whole number from 0 to {_SEEDS - 1}")
    counts = units_per_segment(n_units, shares, catalogue)
    answers, origins = _scatter(catalogue, counts, std_dev, seed)
    digits = max(_ID_DIGITS, len(str(n_units)))
    segments = np.array(catalogue.segment_ids)[origins]
    frame = pd.DataFrame(np.clip(answers, *catalogue.limits), columns=list(catalogue.feature_names))
    frame.insert(0, "customer_id", [f"{wave}-{number:0{digits}d}" for number in range(1, n_units + 1)])
    frame.insert(1, "date", pd.Timestamp(wave.start))
    return frame.assign(persona=pd.array(segments if labelled else [None] * n_units, dtype="Int64"))


def units_per_segment(n_units: int, shares: Sequence[float] | None, catalogue: Catalogue) -> list[int]:
    """Split a number of respondents over the personas so that the parts sum to it (largest remainders get the rest).

    Raises
    ------
    SettingsError
        If the shares are not one finite number of at least 0 per persona, or are all 0.
    """
    n_segments = len(catalogue.segments)
    weights = np.ones(n_segments) if shares is None else np.asarray(shares, dtype=np.float64)
    if len(weights) != n_segments:
        raise SettingsError(
            f"shares holds {len(weights)} numbers, but there are {n_segments} personas: "
            f"write one share for each of {', '.join(catalogue.segment_names)}"
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and 0 < weights.sum() < math.inf):
        raise SettingsError(
            f"shares is {weights.tolist()}, but shares are finite numbers of at least 0, not all of them 0"
        )
    exact = weights / weights.sum() * n_units
    counts = np.floor(exact).astype(int)
    by_remainder = np.argsort(counts - exact, kind="stable")  # stable: of equal remainders the first persona gets one
    counts[by_remainder[: n_units - counts.sum()]] += 1
    return [int(count) for count in counts]


def _scatter(
    catalogue: Catalogue, counts: Sequence[int], std_dev: float, seed: int
) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Return answers ``(n_units, n_features)`` and the position of the persona that each was made from."""
    # Imported here: whoever only reads the catalogue or the table needs no scikit-learn.
    from sklearn.datasets import make_blobs  # noqa: PLC0415 - see above

    answers, origins = make_blobs(n_samples=counts, centers=catalogue.centroids, cluster_std=std_dev, random_state=seed)
    return answers, origins
