"""Sizes of stores that are not known, by regression on storage and placement, with the error that is to be expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

FEWEST_KNOWN: Final = 20
"""Stores of known size without which nothing is imputed."""
FEWEST_PER_PLACEMENT: Final = 5
"""Stores of known size without which a placement has no effect of its own."""
FOLDS: Final = 10
_SEED: Final = 16

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SizeImputation:
    """How sizes were imputed."""

    known: int
    by_storage: int
    """Stores whose size was imputed from storage and placement."""
    by_placement: int
    """Stores whose size was imputed from placement alone, since their storage is not known either."""
    left_missing: int
    storage_error: float
    """Mean relative error of sizes from storage and placement, on known ones that were held out; NaN if none was imputed."""
    placement_error: float
    """The same for sizes from placement alone."""

    def __str__(self) -> str:
        if not self.known:
            return "no store has a size: features per square metre are missing"
        parts = [f"{self.known} sizes known"]
        if self.by_storage:
            parts.append(f"{self.by_storage} imputed from storage and placement (mean error {self.storage_error:.0%})")
        if self.by_placement:
            parts.append(f"{self.by_placement} imputed from placement alone (mean error {self.placement_error:.0%})")
        if self.left_missing:
            parts.append(
                f"{self.left_missing} left missing: fewer than {FEWEST_KNOWN} sizes were known when these stores opened"
            )
        return ", ".join(parts)


def impute_sizes(stores: pd.DataFrame, sales_begin: date | None = None) -> tuple[pd.DataFrame, SizeImputation]:
    """Return stores with their missing sizes imputed and flagged, and how that was done.

    The logarithm of the size is regressed on the logarithm of the storage and on the placement. A size is imputed from the
    stores that had opened by the end of the store's first quarter, that of its opening or of the first sales, whichever is
    later: so it never changes, and holds nothing that was not known in the first wave of the store.

    Parameters
    ----------
    stores : DataFrame
        With size_m2, storage_m2, placement and opened.
    sales_begin : date, optional
        Day of the first sales.

    Returns
    -------
    DataFrame
        The same stores; size_imputed says whose size is imputed, size_error the relative error to be expected, 0 if known.
    SizeImputation
        Counts and errors.
    """
    size = stores["size_m2"].to_numpy(np.float64, copy=True)
    storage = stores["storage_m2"].where(stores["storage_m2"] > 0).to_numpy(np.float64)
    is_known, has_storage = np.isfinite(size), np.isfinite(storage)
    error = np.where(is_known, 0.0, np.nan)
    opened, deadlines = _openings(stores, sales_begin)
    for deadline in np.unique(deadlines[~is_known]):
        known_then = is_known & (opened < deadline)
        wanted = ~is_known & (deadlines == deadline)
        for rows, values in ((wanted & has_storage, storage), (wanted & ~has_storage, None)):
            basis = known_then if values is None else known_then & has_storage
            if rows.any() and basis.sum() >= FEWEST_KNOWN:
                design = _design(stores["placement"], values, basis)
                size[rows] = np.exp(design[rows] @ _regress(design[basis], np.log(size[basis])))
                error[rows] = _held_out_error(design[basis], size[basis])
    imputed = ~is_known & np.isfinite(size)
    return stores.assign(size_m2=size, size_imputed=imputed, size_error=error), SizeImputation(
        known=int(is_known.sum()),
        by_storage=int((imputed & has_storage).sum()),
        by_placement=int((imputed & ~has_storage).sum()),
        left_missing=int((~np.isfinite(size)).sum()),
        storage_error=_mean(error[imputed & has_storage]),
        placement_error=_mean(error[imputed & ~has_storage]),
    )


def _openings(
    stores: pd.DataFrame, sales_begin: date | None
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """Return the day on which each store opened, the earliest one where nobody knows, and the end of its first quarter."""
    opened = pd.to_datetime(stores["opened"])
    filled = opened.fillna(opened.min() if opened.notna().any() else pd.Timestamp(0))
    first = filled.where(filled >= pd.Timestamp(sales_begin), pd.Timestamp(sales_begin)) if sales_begin else filled
    ends = first.dt.to_period("Q").dt.end_time.dt.normalize() + pd.Timedelta(days=1)
    return filled.to_numpy("datetime64[ns]"), ends.to_numpy("datetime64[ns]")


def _design(placements: pd.Series, storage: FloatArray | None, basis: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the design matrix ``(n_stores, n_columns)``: one, the storage if it is used, and placements that are frequent."""
    counts = placements[basis].value_counts().sort_index()
    frequent: Sequence[object] = list(counts.index[counts >= FEWEST_PER_PLACEMENT])[1:]  # the first is in the constant
    columns = [np.ones(len(placements)), *((placements == value).to_numpy(np.float64) for value in frequent)]
    if storage is not None:
        columns.append(np.log(np.where(np.isfinite(storage), storage, 1.0)))
    return np.column_stack(columns)


def _regress(design: FloatArray, log_size: FloatArray) -> FloatArray:
    coefficients: FloatArray = np.linalg.lstsq(design, log_size, rcond=None)[0]
    return coefficients


def _held_out_error(design: FloatArray, size: FloatArray) -> float:
    """Return the mean relative error of predictions for stores that the regression had not seen."""
    folds = np.random.default_rng(_SEED).permutation(len(size)) % FOLDS
    predicted = np.empty(len(size))
    for fold in range(FOLDS):
        held_out = folds == fold
        predicted[held_out] = np.exp(design[held_out] @ _regress(design[~held_out], np.log(size[~held_out])))
    return float(np.abs(predicted / size - 1).mean())


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
