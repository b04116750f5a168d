"""What a registered version says about itself, as MLflow tags and back."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from dtc_data.catalogue import Catalogue

from dtc_model.registry.registry_reader import FROM_CATALOGUE, RegisteredVersion

if TYPE_CHECKING:  # scikit-learn takes seconds, which only training should pay
    from dtc_model.discovery import Matching

FROM_SWEEP: Final = "sweep"
"""Value of the tag ``source`` of a sweep's candidate, see `FROM_CATALOGUE`."""

GATE: Final = "gate"
"""Tag with what the gate found, see `dtc_model.gate.gate.GateReport.to_dict`, and the reason in words."""

LAST_DECISION: Final = "last_decision"
"""Tag with the last decision on a version, see `dtc_model.decisions.decision_table.Decision`."""

FITTED_ON: Final = "fitted_on"
"""Tag that says how respondents counted who left answers out; only where somebody did."""

SWEEP_END: Final = "sweep_end"
"""Tag that says how far the sweep went; only where it did not go all the way."""

CATALOGUE_VERSION: Final = "catalogue_version"
"""Tag of a candidate with the version of the catalogue that its clusters were matched to."""

_TEXTS: Final = (
    "source",
    CATALOGUE_VERSION,
    "run_id",
    "sweep_run_id",
    "reference_wave",
    "current_wave",
    "training_wave",
    "verdict",
    "reason",
    FITTED_ON,
    SWEEP_END,
)
_JSON: Final = ("k", "best_k", "promotable", "matching", "missing", LAST_DECISION)


def catalogue_tags(catalogue: Catalogue, reason: str = "the catalogue") -> dict[str, str]:
    """Return the tags of a version that the catalogue itself is."""
    return {
        "source": FROM_CATALOGUE,
        "k": str(len(catalogue.segments)),
        "promotable": "true",
        "reason": reason,
    }


def candidate_tags(
    sweep: Mapping[str, Any], matching: "Matching", waves: Mapping[str, str], verdict: str, segments: str = "segments"
) -> dict[str, str]:
    """Return the tags of a sweep's candidate; ``segments`` is what people call them."""
    remarks = {name: sweep[name] for name in (FITTED_ON, SWEEP_END) if sweep.get(name)}
    chosen = next(entry for entry in sweep["entries"] if entry["run_id"] == sweep["candidate_run_id"])
    return {
        "source": FROM_SWEEP,
        "run_id": sweep["candidate_run_id"],
        "sweep_run_id": sweep["parent_run_id"],
        **waves,
        "verdict": verdict,
        "reason": _reason(chosen["k"], matching, segments),
        **remarks,
        "k": str(chosen["k"]),
        "best_k": str(sweep["best_k"]),
        "promotable": json.dumps(matching.complete),
        "matching": json.dumps(matching.to_list(), ensure_ascii=False),
        "missing": json.dumps(matching.missing, ensure_ascii=False),
        "figures": json.dumps({name: value for name, value in chosen.items() if name not in {"k", "run_id"}}),
    }


def description(tags: Mapping[str, str], segments: str = "segments") -> str:
    """Say in a sentence what a version is, for its page in MLflow."""
    if tags["source"] == FROM_CATALOGUE:
        return f"The {segments} as the catalogue has them, with its own centroids."
    return (
        f"Trained on wave {tags['training_wave']}, k = {tags['k']}, because {tags['current_wave']} against "
        f"{tags['reference_wave']} came out as: {tags['verdict'].replace('_', ' ').capitalize()}. What the gate found and who decided is "
        f"in the tags {GATE} and {LAST_DECISION}."
    )


def registration(version: RegisteredVersion) -> dict[str, Any]:
    """Return a version as a plain dict with the types that went in; figures and gate's findings stand beside the rest."""
    return {"version": version.version} | read_tags(version.tags)


def read_tags(tags: Mapping[str, str]) -> dict[str, Any]:
    """Return tags as plain values with the types that went in."""
    texts = {name: tags[name] for name in _TEXTS if name in tags}
    values = {name: json.loads(tags[name]) for name in _JSON if name in tags}
    gate = json.loads(tags.get(GATE, "{}"))
    return {**texts, **values, **json.loads(tags.get("figures", "{}")), **gate}


def _reason(k: int, matching: "Matching", segments: str) -> str:
    n_segments = k + len(matching.missing) - sum(match.moved is None for match in matching.matches)
    if matching.complete:
        return f"each of the {n_segments} {segments} has a cluster of its own"
    return (
        f"k = {k} clusters cannot stand for the catalogue's {n_segments} {segments}: registered for people to look at, "
        "not to be promoted"
    )
