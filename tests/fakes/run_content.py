"""A run of the pipeline as it is told: three waves, of which the last drifted, and a candidate."""

from dataclasses import replace
from typing import Any

from dtc_monitoring.report import ReportContent
from dtc_monitoring.report.report_content import (
    Candidate,
    Finding,
    Profile,
    Relabelling,
    SegmentMove,
    WaveFigures,
)
from dtc_monitoring.verdict import Evidence

SEGMENTS = ("Thrifty Theo", "Green Greta", "Busy Bea")
_MOVED = "Green Greta lies 1.40 spreads from where it is in production (at most 0.5)"
_LABELS = "3.0% of respondents get another persona than by production (at most 10%)"


def wave(name: str, status: str, shares: tuple[float, ...], fit: float | None = None) -> WaveFigures:
    return WaveFigures(name, status, dict(zip(SEGMENTS, shares, strict=True)), fit)


WAITING = Candidate(
    version="3",
    outcome="waiting",
    reason=f"the gate stopped it, and a person must decide: {_MOVED}",
    trained_on="2025-03",
    k=3,
    figures={"silhouette": 0.4175, "silhouette_inertia_ratio": 0.00864},
    moves=tuple(SegmentMove(name, 2.5, 1.4, 0.33, 0.34, 0.98) for name in SEGMENTS),
    gate=(
        Finding(_MOVED, passed=False, name="moved", value=1.4, limit=0.5, segment="Green Greta"),
        Finding(_LABELS, passed=True, name="share", value=0.03, limit=0.1),
    ),
    relabelling=Relabelling(SEGMENTS, SEGMENTS, ((160, 4, 0), (3, 166, 1), (0, 1, 165))),
)

DRIFT = ReportContent(
    model_name="persona_model",
    reference_wave="2025-01",
    current_wave="2025-03",
    checked_at="2025-04-01T06:30:00+00:00",
    status="drift",
    n_reference=500,
    n_current=480,
    segments=SEGMENTS,
    evidence=(
        Evidence(
            "features",
            "price",
            "price: answers lie 0.4 spreads higher",
            flagged=True,
            statistic=0.2,
            effect=0.4,
            effect_unit="spreads",
            p_value=1e-9,
        ),
        Evidence(
            "fit",
            "Green Greta",
            "respondents of Green Greta lie 52% further away",
            flagged=True,
            scope="segment",
            statistic=0.3,
            effect=0.52,
            effect_unit="",
            p_value=1e-30,
        ),
        Evidence(
            "mix",
            "",
            "the shares changed by at most a point",
            flagged=False,
            scope="all",
            statistic=0.8,
            effect=0.01,
            effect_unit="",
            p_value=0.7,
        ),
    ),
    false_alarm_rate=0.01,
    waves=(
        wave("2025-01", "reference", (0.334, 0.333, 0.333), 6.2),
        wave("2025-02", "stable", (0.3, 0.4, 0.3), 6.23),
        wave("2025-03", "drift", (0.25, 0.7, 0.05), 9.6),
    ),
    candidate=WAITING,
    production_version="2",
    previous_version="2",
    feature_names=("price", "ecology"),
    profiles=tuple(Profile(name, (1.0 + n, 2.0), (1.5 + n, -2.0)) for n, name in enumerate(SEGMENTS)),
    evidently_url="http://127.0.0.1:5050/#/experiments/2/runs/0123abcd/artifacts/drift_report.html",
    report_url="http://127.0.0.1:5050/get-artifact?run_id=0123abcd&path=report.html",
    chat=True,
)
PROMOTED = replace(
    DRIFT,
    candidate=replace(WAITING, outcome="promoted", gate=(), reason="the gate found nothing against it"),
    production_version="3",
)
MIX_SHIFT = replace(
    DRIFT,
    status="mix_shift",
    evidence=(
        *DRIFT.evidence,
        Evidence("mix", "Busy Bea", "Bea grew from 33% to 50%", flagged=True, scope="segment", p_value=1e-9),
    ),
    candidate=None,
    profiles=(),
)
STABLE = replace(MIX_SHIFT, status="stable", evidence=DRIFT.evidence[2:], false_alarm_rate=None)


def content(**changes: Any) -> ReportContent:
    """Return the run that drifted with some of it changed."""
    return replace(DRIFT, **changes)


def part(text: str, heading: str) -> str:
    """Return what stands under a heading."""
    (found,) = [block for block in text.split("\n\n") if block.startswith(f"{heading}\n")]
    return found.removeprefix(f"{heading}\n")
