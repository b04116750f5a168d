"""Segments looked for in a subject's table: found, named, drafted as a catalogue, and kept in MLflow."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_model.clustering import ENCODINGS
from dtc_model.discovery import Discovery, MeasuredSolution, discover
from dtc_model.errors import TrainingError
from dtc_model.profiles import ProposedName, catalogue_text, draft_catalogue, propose_names
from dtc_model.recipes import Recipe
from dtc_model.rule import EncodingKind, Spread
from dtc_model.training.discovery_log import log_discovery, segment_means

BOOTSTRAPS = 20
OF_A_CATALOGUE: Final[tuple[Spread, ...]] = ("pooled", "own")
"""Kinds of spread that a catalogue can hold."""


@dataclass(frozen=True, eq=False)
class FoundSegments:
    """What a search found."""

    discovery: Discovery
    names: tuple[ProposedName, ...]
    """Empty where there are no rules for names."""
    means: pd.DataFrame
    """Units and mean numbers per segment, by id."""
    catalogue: str
    """The drafted catalogue, as the text of its file."""
    run_id: str
    experiment_id: str
    """Where MLflow keeps it."""
    notes: tuple[str, ...]


def find_segments(  # noqa: PLR0913 - the table and its name; the rest by keyword
    recipe: Recipe,
    segmentation: str,
    *,
    tracking_uri: str,
    k: int | None = None,
    encodings: Iterable[EncodingKind] = ENCODINGS,
    seed: int = 0,
    n_bootstraps: int = BOOTSTRAPS,
    report_progress: Callable[[MeasuredSolution], None] = lambda _: None,
) -> FoundSegments:
    """Look for segments by the methods of a recipe, and draft the catalogue of what is proposed.

    Parameters
    ----------
    recipe : Recipe
        The table, and what is known about its subject.
    segmentation : str
        Name of the segmentation; table and registered model are called after it.
    tracking_uri : str
        Address of the MLflow server.
    k, encodings, seed, n_bootstraps, report_progress
        As `dtc_model.discovery.discover` takes them.

    Raises
    ------
    TrainingError
        If no segments are proposed; what was measured is in MLflow all the same.
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off.
    """
    found = discover(
        recipe.features,
        recipe.methods,
        k,
        seed,
        encodings=encodings,
        only_shown=recipe.only_shown if k is None else (),
        fewest=recipe.fewest,
        n_bootstraps=n_bootstraps,
        decided_by=recipe.decided_by,
        spreads=OF_A_CATALOGUE,
        report_progress=report_progress,
    )
    notes = (*recipe.notes, *found.notes)
    kept: dict[str, Any] = {"segmentation": segmentation, "wave": recipe.wave, "tracking_uri": tracking_uri}
    if found.proposal.chosen is None:
        log_discovery(found, recipe.features, **kept)
        raise TrainingError(f"no segments are proposed, so no catalogue was drafted. {found.words}")
    names = _names(recipe, found)
    words = {"label": recipe.labels, "question": recipe.described}
    draft = draft_catalogue(found.document, head=_head(recipe, segmentation), names=names, words=words)
    text = catalogue_text(draft, segmentation, recipe.wave, found.words)
    by_id = {one.segment_id: one.name for one in names}
    logged = log_discovery(found, recipe.features, names=by_id, files={"catalogue.yaml": text}, **kept)
    return FoundSegments(
        found,
        names,
        segment_means(found, recipe.features, by_id),
        text,
        logged["run_id"],
        logged["experiment_id"],
        notes,
    )


def _names(recipe: Recipe, found: Discovery) -> tuple[ProposedName, ...]:
    """Return proposed names; none where the rules have too few for so many segments."""
    n_segments = len(np.unique(found.labels[found.labels >= 0]))
    if recipe.rules is None or n_segments > len(recipe.rules.names):
        return ()
    return tuple(propose_names(recipe.features, found.labels, recipe.rules))


def _head(recipe: Recipe, segmentation: str) -> dict[str, Any]:
    title = segmentation.replace("_", " ").replace("-", " ")
    return {"name": f"{title[:1].upper()}{title[1:]}"} | dict(recipe.head)
