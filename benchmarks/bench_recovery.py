"""What methods find again of planted segments, without telling them how many there are: ``make bench_recovery``.

Six segments in eight numbers and four categories, at three levels of noise; the mean of as many draws as are asked for. The
seeds are not those that the method was made with.
"""

import argparse
import sys
import time

from dtc_model.discovery import NOISE, Recovery, recover

FIRST_SEED = 100
METHODS = ("mixture", "famd_hdbscan", "famd_kmeans")
HEAD = (
    "units",
    "noise",
    "method",
    "segments",
    "adjusted Rand index",
    "of new units",
    "at best",
    "of new units at best",
    "lost on new units",
    "without a segment",
    "relabelled by a refit",
    "s a draw",
)


def row(n_units: int, noise: str, found: Recovery, seconds: float) -> str:
    """Return a line of a Markdown table."""
    cells = (
        f"{n_units:,}",
        noise,
        found.method,
        f"{found.found:.1f}",
        f"{found.rand_index:.3f}",
        f"{found.rand_index_new:.3f}",
        f"{found.best_possible:.3f}",
        f"{found.best_possible_new:.3f}",
        f"{found.lost_on_new:+.3f}",
        f"{found.share_without:.1%}",
        f"{found.relabelled:.2%}",
        f"{seconds:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure all cells and print the table as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, nargs="*", default=[1_000, 100])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    parser.add_argument("--bootstraps", type=int, default=2, help="resamples; more of them change no figure here")
    arguments = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.draws)
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    for n_units in arguments.units:
        for noise in NOISE:
            for method in arguments.methods:
                began = time.process_time()
                (found,) = recover(
                    [method], n_units=n_units, noise=noise, seeds=seeds, n_bootstraps=arguments.bootstraps
                )
                print(row(n_units, noise, found, (time.process_time() - began) / len(seeds)))
                sys.stdout.flush()


if __name__ == "__main__":
    main()
