"""How long the drift check takes on two large waves, and how much memory: part of ``make bench_drift``.

Beside it, in the same run, SciPy's K-S test of each column, which is the least that any column-wise check does. Rounds alternate; medians
count. Memory is the largest resident size of the process during the check, with both waves in it; ``--respondents`` sets their size.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from drift_populations import CATALOGUE, populations, wave
from dtc_monitoring.verdict import assess_drift
from scipy import stats

MOST_SECONDS = 10
MOST_MEGABYTES = 1_000
"""Bounds at 1,000,000 respondents in each wave, on two cores."""


def seconds_of(work: Callable[[], object]) -> float:
    """Measure one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_megabytes() -> float:
    """Read the largest resident size since `forget_peak` (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def forget_peak() -> None:
    """Let the kernel count the largest resident size again."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def main() -> None:
    """Measure and print one line per figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--respondents", type=int, default=1_000_000, help="in each wave")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    random = np.random.default_rng(20250301)
    names = list(CATALOGUE.feature_names)
    before, after = (
        pd.DataFrame(wave(populations()[0], random, arguments.respondents), columns=names) for _ in range(2)
    )
    assess_drift(before.head(1_000), after.head(1_000), CATALOGUE)  # imports what is imported late
    forget_peak()
    ours = [seconds_of(lambda: assess_drift(before, after, CATALOGUE))]
    peak = peak_megabytes()
    peer = []
    for _ in range(arguments.rounds):
        peer.append(seconds_of(lambda: [stats.ks_2samp(before[name], after[name]) for name in names]))
        ours.append(seconds_of(lambda: assess_drift(before, after, CATALOGUE)))
    check, columns = statistics.median(ours), statistics.median(peer)
    print(f"{arguments.respondents:,} against {arguments.respondents:,} respondents, {len(names)} features:")
    print(f"drift check: {check:.1f} s (bound {MOST_SECONDS} s), {peak:.0f} MB resident (bound {MOST_MEGABYTES} MB)")
    print(f"SciPy's K-S test of each column alone: {columns:.1f} s; the check takes {check / columns:.1f} times that")


if __name__ == "__main__":
    main()
