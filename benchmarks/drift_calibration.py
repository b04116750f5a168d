"""How often the drift check is right, over simulated waves: ``make bench_drift``.

Prints a table with one row per kind of answers, sizes of the waves and what changed; the verdicts are reached by the product's
own rule, without the report. ``--kinds mixed`` measures answers of every type, ``--waves 20`` gives a quick look, ``--cells 500x100,500x500`` some sizes only, ``--scenarios same "mix 60/30/10"`` some changes only.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from drift_populations import Continuous, FloatArray, populations, wave
from dtc_data.core import read_settings
from dtc_monitoring.reference import WaveAnswers
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import reach_status
from mixed_population import N_NUMBERS, N_YES_NO, SIZES, Mixed

REFERENCES = (500, 1_001, 50_000)
CURRENTS = (100, 500, 5_000, 50_000)
WANTED = {
    "same": "stable",
    "mix 60/30/10": "mix_shift",
    "one persona only": "mix_shift",
    "spread 2 to 3.1": "drift",
    "one persona, three features": "drift",
    "one feature, everybody": "drift",
    "fourth persona 15 %": "drift",
}
OF_CATEGORIES = {f"one category, {points} points": points for points in (5, 10, 15, 20, 30)}
OF_ONE_PERSONA = {f"one category of one persona, {points} points": points for points in (10, 20, 30)}
"""Changes of one category alone, by how many of a hundred respondents give another value; how many are found is measured, and
no share of them demanded."""
"""What can change, and the verdict that is right."""
WEIGHTS = {"none": 0.0, "raked": 0.5, "steep": 1.0, "few": 0.0}
"""Kinds of weights by the standard deviation of their logarithms: as from raking (a wave is worth four fifths of its size),
steep (a third or so), or one in fifty respondents with twenty times the weight of the others (a quarter)."""
FEW_SHARE, FEW_TIMES = 0.02, 20.0
MOST_FALSE_DRIFT = 0.01
MOST_FALSE_MIX = 0.02
FEWEST_RIGHT = 0.99


@dataclass(frozen=True)
class Cell:
    """One row of the table."""

    kind: str
    n_reference: int
    n_current: int
    scenario: str


class Measured(NamedTuple):
    """What came out for a row."""

    cell: Cell
    found: Counter[str]
    seconds: float
    """Per pair of waves."""
    same: int | None
    """Pairs with the same verdict by redraws and by chi-square."""


def cells(sizes: list[tuple[int, int]], kinds: list[str], scenarios: list[str]) -> Iterator[Cell]:
    """List the rows, small waves first."""
    for n_reference, n_current in sorted(sizes, key=sum):
        for population in all_populations():
            for scenario in scenarios:
                meaningless = scenario == "spread 2 to 3.1" and (population.name == "yes/no" or n_current < 500)
                meaningless |= scenario in OF_CATEGORIES | OF_ONE_PERSONA and population.name != "mixed"
                if population.name in kinds and not meaningless:
                    yield Cell(population.name, n_reference, n_current, scenario)


def all_populations() -> tuple[Continuous, ...]:
    """Return the populations with answers of one type, and the one with all types."""
    return (*populations(), Mixed())


def drawn_wave(population: Continuous, random: np.random.Generator, n_units: int, scenario: str) -> FloatArray:
    """Draw a wave, also of those in which one category changed."""
    points = OF_CATEGORIES.get(scenario) or OF_ONE_PERSONA.get(scenario)
    if points is None:
        return wave(population, random, n_units, scenario)
    category = N_NUMBERS + N_YES_NO + int(random.integers(len(SIZES)))
    changed = Mixed.shifted(population.centroids, category, points / 100)
    persona, segments = random.integers(3), random.integers(3, size=n_units)
    moved = np.ones(n_units, dtype=bool) if scenario in OF_CATEGORIES else segments == persona
    return population.answers(random, np.where(moved[:, None], changed[segments], population.centroids[segments]))


def drawn_weights(random: np.random.Generator, n_units: int, kind: str) -> FloatArray | None:
    """Draw weights, 1 on average, that have nothing to do with the answers; see `WEIGHTS`."""
    if kind == "none":
        return None
    few = np.where(np.arange(n_units) < FEW_SHARE * n_units, FEW_TIMES, 1.0)
    weights: FloatArray = few if kind == "few" else np.exp(random.normal(0, WEIGHTS[kind], n_units))
    scaled: FloatArray = weights / weights.mean()
    return scaled


def measure(  # noqa: PLR0913 - what is drawn
    cell: Cell, n_waves: int, *, both: bool, missing: tuple[float, float], weights: str, seed: int = 0
) -> Measured:
    """Count the verdicts over simulated pairs of waves; if wanted, also by redraws and by chi-square on the same pairs.

    ``missing`` are the probabilities with which an answer of the reference and of the current wave is left out, and ``weights``
    one of `WEIGHTS`. Another ``seed`` than 0 draws other pairs.
    """
    population = next(one for one in all_populations() if one.name == cell.kind)
    catalogue, settings = population.catalogue(), read_settings(DriftSettings)
    entropy = [cell.n_reference, cell.n_current, *cell.kind.encode(), *cell.scenario.encode()]
    random = np.random.default_rng([*entropy, seed] if seed else entropy)
    found: Counter[str] = Counter()
    spent, same = 0.0, 0
    for _ in range(n_waves):
        drawn = (
            wave(population, random, cell.n_reference),
            drawn_wave(population, random, cell.n_current, cell.scenario),
        )
        for answers, rate in zip(drawn, missing, strict=True):
            if rate:
                answers[random.random(answers.shape) < rate] = np.nan
        waves = [WaveAnswers(answers, drawn_weights(random, len(answers), weights)) for answers in drawn]
        start = time.perf_counter()
        status, _ = reach_status(waves[0], waves[1], catalogue, population.numbers, settings)
        spent += time.perf_counter() - start
        found[status] += 1
        if both:
            ways = [
                reach_status(waves[0], waves[1], catalogue, population.numbers, settings, limit)[0]
                for limit in (0, sys.maxsize)
            ]
            same += ways[0] == ways[1]
    return Measured(cell, found, spent / n_waves, same if both else None)


def holds(cell: Cell, found: Counter[str]) -> bool:
    """Tell whether the counts keep the bounds."""
    total = found.total()
    if cell.scenario not in WANTED:
        return True
    total -= found["cannot_tell"]  # which claims nothing
    if WANTED[cell.scenario] == "stable":
        return found["drift"] <= MOST_FALSE_DRIFT * total and found["mix_shift"] <= MOST_FALSE_MIX * total
    if WANTED[cell.scenario] == "mix_shift" and found["drift"] > MOST_FALSE_DRIFT * total:
        return False
    return found[WANTED[cell.scenario]] >= FEWEST_RIGHT * total


def row(cell: Cell, found: Counter[str], seconds: float, same: int | None) -> str:
    """Write a row of the table in Markdown."""
    counts = " | ".join(str(found[status]) for status in ("stable", "mix_shift", "drift", "cannot_tell"))
    mark = ("" if holds(cell, found) else "outside") + ("" if same is None else f" same by both: {same}")
    sizes = f"{cell.n_reference:,} / {cell.n_current:,}"
    return f"| {cell.kind} | {sizes} | {cell.scenario} | {counts} | {mark} | {1000 * seconds:.0f} |"


def main() -> None:
    """Measure the cells and print the table as it grows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--waves", type=int, default=300, help="pairs of waves per row")
    parser.add_argument("--cells", default="", help="sizes like 500x100,500x500; all if left out")
    parser.add_argument("--kinds", default="continuous,Likert,yes/no,mixed")
    parser.add_argument(
        "--scenarios", nargs="+", default=list(WANTED), choices=[*WANTED, *OF_CATEGORIES, *OF_ONE_PERSONA]
    )
    parser.add_argument("--both", action="store_true", help="compare redraws with the chi-square distribution")
    parser.add_argument(
        "--missing", nargs=2, type=float, default=(0.0, 0.0), help="shares of the answers in both waves"
    )
    parser.add_argument(
        "--weights", default="none", choices=list(WEIGHTS), help="how unequal the weights of both waves are"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another one draws other pairs, to add to those of a run before"
    )
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    sizes = [
        (int(reference), int(current))
        for reference, current in (part.split("x") for part in arguments.cells.split(",") if part)
    ] or [(reference, current) for reference in REFERENCES for current in CURRENTS]
    planned = list(cells(sizes, arguments.kinds.split(","), arguments.scenarios))
    outside = 0
    print("| answers | reference / current | what changed | stable | mix shift | drift | cannot tell | | ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with ProcessPoolExecutor(arguments.processes) as pool:
        for number, result in enumerate(
            pool.map(
                partial(
                    measure,
                    n_waves=arguments.waves,
                    both=arguments.both,
                    missing=arguments.missing,
                    weights=arguments.weights,
                    seed=arguments.seed,
                ),
                planned,
            ),
            1,
        ):
            print(row(*result), flush=True)
            print(f"{number} of {len(planned)} rows", file=sys.stderr)
            outside += not holds(result.cell, result.found)
    print(f"\n{len(planned)} rows of {arguments.waves} pairs of waves, {outside} outside the bounds.")


if __name__ == "__main__":
    main()
