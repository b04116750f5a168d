"""What a regional manager reads about each store of a quarter: archetype and tier, why, how sure, what it could make, what to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_data.catalogue import Catalogue, answer_matrix
from dtc_data.stores import ActionRules, recommend_actions, recommend_for_archetypes, store_potential

from dtc_model.discovery import Tiers
from dtc_model.profiles import SegmentProfile, in_sentence, profile_segments
from dtc_model.rule import (
    INCOMPLETE,
    Detail,
    FloatArray,
    IntArray,
    LabelStatus,
    SegmentMixture,
    SegmentModel,
    as_search_start,
    describe,
    explain_label,
    measure_surprises,
)

SAID_FEATURES: Final = 3
"""Features that are named for a store's archetype, and against it."""
_FREQUENT: Final = 3
"""Actions for single stores that are named of an archetype."""
_PERFORMANCE: Final = (
    "revenue_per_day",
    "year_revenue_per_day",
    "revenue_per_m2",
    "size_m2",
    "size_imputed",
    "size_error",
)


@dataclass(frozen=True, eq=False)
class StoreSheet:
    """The stores of a quarter, one a row, and what is to be said of each archetype."""

    stores: pd.DataFrame
    """By unit_id."""
    actions: pd.DataFrame
    """unit_id, rule, action and reason, one row per store and rule that holds."""
    archetype_actions: pd.DataFrame
    """archetype, rule, deviation, action and reason, what fits an archetype most first."""
    profiles: tuple[SegmentProfile, ...]
    """Empty where the rule is not a mixture."""
    labels: Mapping[str, str]
    """What people read instead of the names of features."""

    def to_dict(self) -> dict[str, Any]:
        """Return all of it in plain JSON types: the stores and the actions a row each, and the archetypes."""
        return {
            "stores": _records(self.stores.rename_axis("unit_id").reset_index()),
            "actions": _records(self.actions),
            "archetypes": self.archetypes(),
        }

    def archetypes(self) -> list[dict[str, Any]]:
        """Return each archetype in plain JSON types: stores, what sets it apart, examples, tiers, potential, what to do."""
        return [self._archetype(str(name), own) for name, own in self.stores.groupby("archetype")]

    def _archetype(self, name: str, own: pd.DataFrame) -> dict[str, Any]:
        profile = next((profile for profile in self.profiles if profile.name == name), None)
        gap = own["potential_gap"].clip(lower=0)
        frequent = self.actions[self.actions["unit_id"].isin(own.index)]["action"].value_counts()
        recommended = self.archetype_actions[self.archetype_actions["archetype"] == name]
        return {
            "archetype": name,
            "stores": len(own),
            "sets_it_apart": "" if profile is None else profile.said(self.labels),
            "typical": [] if profile is None else [str(unit) for unit in profile.typical],
            "untypical": [] if profile is None else [str(unit) for unit in profile.untypical],
            "tiers": {str(tier): int(count) for tier, count in own["tier"].value_counts().sort_index().items() if tier},
            "potential_gap": None if gap.notna().sum() == 0 else round(float(gap.sum()), 2),
            "recommended": _records(recommended.drop(columns="archetype")),
            "actions": {str(action): int(count) for action, count in frequent.head(_FREQUENT).items()},
        }


def store_sheet(  # noqa: PLR0913, PLR0917 - a wave, what labelled it, and what is known beside
    units: pd.DataFrame,
    features: pd.DataFrame,
    model: SegmentModel,
    catalogue: Catalogue,
    rules: ActionRules,
    tiers: Tiers,
) -> StoreSheet:
    """Return what there is to say about the stores of a quarter.

    Parameters
    ----------
    units : DataFrame
        The wave in the table of the segmentation, as `dtc_data.tables.UnitTable.load` returns it, with labels.
    features : DataFrame
        The features of the same quarter, as `dtc_data.stores.store_features` returns them.
    model : SegmentModel
        That labelled the wave.
    catalogue : Catalogue
    rules : ActionRules
    tiers : Tiers
        Learned on the reference quarter: a tier means the same in every later one.
    """
    answers = answer_matrix(units, catalogue.features)
    detail = describe(model, answers, catalogue.minimum_answered)
    names = dict(zip(catalogue.segment_ids, catalogue.segment_names, strict=True))
    stores = pd.DataFrame({"archetype": units["segment"].map(names).astype(object)}).set_axis(
        units["unit_id"].astype(str)
    )
    own = features.assign(unit_id=features["unit_id"].astype(str)).set_index("unit_id").reindex(stores.index)
    labels = {feature.name: feature.title for feature in catalogue.features}
    stores = stores.assign(**_certainty(model, detail), **_reasons(model, answers, detail, labels))
    stores = stores.assign(**_tier(own, tiers), **{name: own[name] for name in _PERFORMANCE})
    imputed = own["size_imputed"].eq(other=True)
    stores["probability_without_size"] = np.where(imputed, _without_size(model, answers, catalogue), np.nan)
    labelled = own.assign(archetype=stores["archetype"], tier=stores["tier"]).rename_axis("unit_id").reset_index()
    stores = stores.assign(**store_potential(labelled).set_axis(stores.index))
    actions = recommend_actions(labelled, rules.rules)
    first = actions.drop_duplicates("unit_id").set_index("unit_id")
    stores = stores.assign(action=first["action"], reason=first["reason"])
    of_archetypes = recommend_for_archetypes(labelled, rules.archetypes)
    return StoreSheet(stores, actions, of_archetypes, _profiles(model, units, catalogue), labels)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=6))
    return rows


def _certainty(model: SegmentModel, detail: Detail) -> dict[str, Any]:
    words = {
        LabelStatus.LABELLED: "",
        LabelStatus.NO_FIT: "unlike its archetype",
        LabelStatus.INCOMPLETE: "too little known",
    }
    runner_ups = np.array([*model.segment_names, ""], dtype=object)[detail.runner_ups]
    return {
        "probability": detail.probabilities.round(4),
        "runner_up": runner_ups,
        "fit": detail.fits.round(1),
        "remark": [words[LabelStatus(status)] for status in detail.statuses.tolist()],
    }


def _reasons(
    model: SegmentModel, answers: FloatArray, detail: Detail, labels: Mapping[str, str]
) -> dict[str, list[str]]:
    """Say for each store which features speak for its archetype rather than the runner-up, and which would have to change."""
    why, against = list[str](), list[str]()
    for row, place, rival in zip(answers, detail.positions.tolist(), detail.runner_ups.tolist(), strict=True):
        if min(place, rival) < 0:
            why.append("")
            against.append("")
            continue
        pulls = explain_label(model, row, model.segment_names[place], model.segment_names[rival])
        for said, sign in ((why, 1), (against, -1)):
            named = [in_sentence(labels[pull.feature]) for pull in pulls if sign * pull.amount > 0]
            said.append(", ".join(named[:SAID_FEATURES]))
    return {"speaks_for_it": why, "speaks_for_runner_up": against}


def _tier(own: pd.DataFrame, tiers: Tiers) -> dict[str, Any]:
    revenue = own["year_revenue_per_day"].where(own["year_revenue_per_day"] > 0)
    table = pd.DataFrame({"revenue": revenue})
    positions = tiers.document.label(table)
    names = np.array([*tiers.document.segment_names, ""], dtype=object)
    probabilities = tiers.document.posterior(table).max(axis=1)
    return {"tier": names[positions], "tier_probability": np.where(positions >= 0, probabilities, np.nan).round(4)}


def _without_size(model: SegmentModel, answers: FloatArray, catalogue: Catalogue) -> FloatArray:
    """Return how sure the label would be if the size were not known, which an imputed one is not."""
    without = answers.copy()
    for position, name in enumerate(catalogue.feature_names):
        if name in {"size_m2", "storage_share"}:
            without[:, position] = np.nan
    probabilities: FloatArray = describe(model, without, catalogue.minimum_answered).probabilities.round(4)
    return probabilities


def _profiles(model: SegmentModel, units: pd.DataFrame, catalogue: Catalogue) -> tuple[SegmentProfile, ...]:
    if not isinstance(model, SegmentMixture):
        return ()
    features = units.set_index(units["unit_id"].astype(str))[list(catalogue.feature_names)]
    labels: IntArray = units["segment"].to_numpy(dtype=np.int64, na_value=INCOMPLETE)
    return tuple(profile_segments(features, labels, measure_surprises(as_search_start(model), features)))
