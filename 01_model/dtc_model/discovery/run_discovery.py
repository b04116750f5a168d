"""Segments of any feature table: several methods and numbers of segments side by side, and one of them proposed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.clustering import (
    ENCODINGS,
    FeatureColumns,
    Method,
    MixedTable,
    Solution,
    famd_hdbscan_solutions,
    famd_kmeans_solutions,
    kmeans_solutions,
    mixture_solutions,
    objection_to_stepmix,
    stepmix_solutions,
)
from dtc_model.discovery.discovery_result import Discovery, Origin, conclude
from dtc_model.discovery.measured_solution import MeasuredSolution, measure
from dtc_model.discovery.proposal import DecidedBy, Proposal, hold_against_shuffled, proposal_of, propose
from dtc_model.discovery.shuffled_columns import shows_more_than_shuffled
from dtc_model.discovery.warm_start import warm_solution
from dtc_model.errors import TrainingError
from dtc_model.rule import EncodingKind, MixtureModel, Spread

AUTO: Final = "auto"
"""KMeans over the encodings for numbers alone, our mixture as soon as there is a category."""
ALL: Final = "all"
"""Every method that these features allow, side by side."""
MOST_SEGMENTS: Final = 10
"""Segments that are tried at most."""
FEWEST_PER_SEGMENT: Final = 8
"""Units per segment without which a number of segments is not tried."""
BOOTSTRAPS: Final = 20

SPREADS: Final = get_args(Spread)

DECIDING: Final[tuple[Method, ...]] = ("mixture", "stepmix", "kmeans")
"""Of several methods the first of these decides, and the others are shown beside it; without any of them all decide."""
METHODS: Final[tuple[Method, ...]] = get_args(Method)


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is tried, and on what."""

    columns: FeatureColumns
    methods: tuple[Method, ...]
    k: int | None
    encodings: tuple[EncodingKind, ...]
    only_shown: tuple[EncodingKind, ...]
    fewest: int
    n_bootstraps: int
    seed: int
    decided_by: DecidedBy
    spreads: tuple[Spread, ...]

    @property
    def ks(self) -> tuple[int, ...]:
        """Numbers of segments; none if the units are too few for two."""
        if self.k is not None:
            return (self.k,)
        most = min(MOST_SEGMENTS, len(self.columns.frame) // FEWEST_PER_SEGMENT)
        return tuple(range(1, most + 1)) if most > 1 else ()

    def solutions(self) -> Iterator[Solution]:
        """Yield the solutions, method by method."""
        several = [k for k in self.ks if k > 1]
        if not several:
            return
        if "kmeans" in self.methods:
            yield from kmeans_solutions(self.columns, several, self.encodings, seed=self.seed)
        if set(self.methods) <= {"kmeans"}:
            return
        table = MixedTable.prepare(self.columns.frame, self.columns.features())
        if "mixture" in self.methods:
            yield from mixture_solutions(table, self.ks, seed=self.seed, spreads=self.spreads)
        if "stepmix" in self.methods:
            yield from stepmix_solutions(table, self.ks, seed=self.seed)
        if "famd_kmeans" in self.methods:
            yield from famd_kmeans_solutions(table, several, seed=self.seed)
        if "famd_hdbscan" in self.methods:
            yield from (found for found in famd_hdbscan_solutions(table) if self.k in {None, found.k})

    def proposal(self, measured: Sequence[MeasuredSolution]) -> Proposal:
        """Return what is proposed."""
        n_units = len(self.columns.frame)
        decides = next((name for name in DECIDING if any(one.solution.method == name for one in measured)), None)
        of_method = [one for one in measured if decides in {None, one.solution.method}]
        deciding = [one for one in of_method if one.solution.encoding not in self.only_shown]
        if self.k is not None:
            if not deciding:
                raise TrainingError(
                    f"no method found k = {self.k} segments among these {n_units:,} units: ask for fewer, or leave k out"
                )
            best = max(deciding, key=lambda one: (one.is_sound, one.weakest))
            return proposal_of(best, f"{self.k} segments, as was asked for.")
        if not self.ks:
            fewest = 2 * FEWEST_PER_SEGMENT
            few = f"{n_units} units are too few to look for segments: at least {fewest} are needed to tell two apart."
            return Proposal(None, (few,))
        proposal = propose(deciding, self.fewest, self.decided_by)
        if proposal.chosen is not None and decides == "kmeans":
            return hold_against_shuffled(
                proposal, shows_more=shows_more_than_shuffled(proposal.chosen.solution, seed=self.seed)
            )
        return proposal


def discover(  # noqa: PLR0913 - the table and the method; the rest are options by keyword
    features: pd.DataFrame,
    method: str | Sequence[str] = AUTO,
    k: int | None = None,
    seed: int = 0,
    *,
    encodings: Iterable[EncodingKind] = ENCODINGS,
    only_shown: Iterable[EncodingKind] = (),
    fewest: int = 1,
    n_bootstraps: int = BOOTSTRAPS,
    decided_by: DecidedBy = "evidence",
    spreads: Iterable[Spread] = SPREADS,
    production: MixtureModel | None = None,
    held: Mapping[Any, int] | None = None,
    report_progress: Callable[[MeasuredSolution], None] = lambda _: None,
) -> Discovery:
    """Find segments, and propose how many.

    Parameters
    ----------
    features : DataFrame of shape (n_units, n_features)
        Numbers and categories by their types, ids in the index. Values may be missing.
    method : str or sequence of str
        ``kmeans`` (numbers), ``mixture``, ``stepmix``, ``famd_kmeans``, ``famd_hdbscan``; ``auto`` or ``all``. Of several
        a mixture decides, and the others are shown beside it.
    k : int, optional
        Number of segments, where a person has chosen it.
    seed : int
        The same seed gives the same segments.
    encodings : iterable of str
        Of the numbers, for ``kmeans``.
    only_shown : iterable of str
        Encodings among them that are measured and never proposed.
    fewest : int
        Fewest segments that are proposed by their stability, where a person needs more than two kinds; fewer are measured
        and shown.
    n_bootstraps : int
        Resamples for the stability of each solution.
    decided_by : str
        What decides among mixtures, see `dtc_model.discovery.proposal.DecidedBy`.
    spreads : iterable of str
        Kinds of spread that mixtures may have beside the pooled one; a catalogue holds all but ``tied``.
    production : MixtureModel, optional
        Document to begin from: segments keep their ids and names, and without ``k`` their number; ``method`` is then the
        document's own. With another ``k`` the search is a fresh one, and its segments are matched.
    held : mapping of unit ids to segment ids, optional
        Units that a person has moved and that stay where they were put; only with ``production``.
    report_progress : callable
        Called with each solution when it is measured.

    Returns
    -------
    Discovery
        Where the units show no segments, all have the label 0 and the proposal says why.

    Raises
    ------
    TrainingError
        If the table or an option cannot be used, or ``k`` segments need more units than there are.
    AnswersError
        If a number is infinite, or a feature of production's is missing.
    """
    columns = FeatureColumns.take(features)
    _check_options(columns, k, tuple(encodings), production, held)
    with threadpool_limits(
        1
    ):  # threads add in any order, which changes the last digits; one is as fast on small tables
        if production is not None and k in {None, len(production.segment_ids)}:
            solution = warm_solution(production, features, seed=seed, held=held)
            measured = [measure(solution, n_bootstraps=n_bootstraps, seed=seed)]
            reason = f"The {solution.k} segments of production, fitted to these units from where they were."
            proposal, notes = proposal_of(measured[0], reason), columns.notes
        else:
            methods, left_out = _methods(method, columns)
            objections = {encoding: columns.objection_to(encoding) for encoding in encodings}
            tried = tuple(encoding for encoding, objection in objections.items() if objection is None)
            options = (tuple(only_shown), fewest, n_bootstraps, seed, decided_by, tuple(spreads))
            plan = _Plan(columns, methods, k, tried, *options)
            left_out += tuple(filter(None, objections.values())) if "kmeans" in methods else ()
            measured = []
            for solution in plan.solutions():
                measured.append(measure(solution, n_bootstraps=n_bootstraps, seed=seed))
                report_progress(measured[-1])
            proposal, notes = plan.proposal(measured), (*columns.notes, *left_out)
        return conclude(columns, measured, proposal, notes, Origin(production, held or {}, seed))


def _check_options(
    columns: FeatureColumns,
    k: int | None,
    encodings: tuple[EncodingKind, ...],
    production: MixtureModel | None,
    held: Mapping[Any, int] | None,
) -> None:
    n_units = len(columns.frame)
    if k is not None and not 2 <= k < n_units:  # noqa: PLR2004 - one segment is none
        raise TrainingError(f"cannot find k = {k} segments among {n_units:,} units: k must be from 2 to less than that")
    if unknown := sorted(set(encodings) - set(ENCODINGS)):
        raise TrainingError(f"there is no encoding {unknown[0]!r}: there are {', '.join(ENCODINGS)}")
    if held and production is None:
        raise TrainingError("units can be held in the segments of a model only: give it as production")


def _methods(method: str | Sequence[str], columns: FeatureColumns) -> tuple[tuple[Method, ...], tuple[str, ...]]:
    """Return the methods that are meant and possible, and what is to be said about the others."""
    wanted = [method] if isinstance(method, str) else list(method)
    numbers_only = not columns.levels
    if wanted == [AUTO]:
        wanted = ["kmeans" if numbers_only else "mixture"]
    elif wanted == [ALL]:
        wanted = [name for name in METHODS if numbers_only or name != "kmeans"]
    if unknown := [name for name in wanted if name not in METHODS]:
        known = ", ".join((*METHODS, AUTO, ALL))
        raise TrainingError(f"there is no method {unknown[0]!r}: there are {known}")
    notes = []
    if "kmeans" in wanted and not numbers_only:
        wanted = ["famd_kmeans" if name == "kmeans" else name for name in wanted]
        notes.append("kmeans takes numbers only; since there are categories it works on the axes of a factor analysis")
    if "stepmix" in wanted and (objection := objection_to_stepmix(len(columns.frame))):
        notes.append(objection)
        wanted.remove("stepmix")
    return tuple(name for name in METHODS if name in wanted), tuple(notes)
