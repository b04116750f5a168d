"""What the steps of a run give, as plain JSON types."""

from typing import Any

CHECK: dict[str, Any] = {
    "run_id": "7_20250401T000000",
    "model_name": "small_model",
    "reference_wave": "2025-01",
    "current_wave": "2025-03",
    "checked_at": "2025-04-01T06:30:00+00:00",
    "mlflow_run_id": "0123abcd",
    "report_url": "http://127.0.0.1:5050/#/experiments/2/runs/0123abcd/artifacts/drift_report.html",
    "status": "drift",
    "n_reference": 500,
    "n_current": 480,
    "false_alarm_rate": {"drift": 0.01, "mix_shift": 0.02, "words": "Of 1,000 waves …"},
    "shares": [
        {"segment_id": 7, "persona": "Thrifty Theo", "before": 0.5, "after": 0.4},
        {"segment_id": 3, "persona": "Green Greta", "before": 0.5, "after": 0.6},
    ],
    "mean_fit_before": 1.5,
    "mean_fit_after": 2.25,
    "evidence": [
        {
            "kind": "features",
            "name": "price",
            "statistic": 31.0,
            "effect": 0.4,
            "effect_unit": "spreads",
            "p_value": 1e-9,
            "flagged": True,
            "words": "price: answers lie 0.4 spreads higher",
        },
        {
            "kind": "mix",
            "name": "",
            "statistic": 1.0,
            "p_value": 0.4,
            "flagged": False,
            "words": "the mix is as before",
        },
    ],
}
"""A drift check."""

PROMOTION: dict[str, Any] = {
    "version": "2",
    "k": 2,
    "silhouette": 0.4175,
    "silhouette_inertia_ratio": 0.00864,
    "promotable": True,
    "promoted": False,
    "decision": "gate_failed",
    "production_version": "1",
    "previous_version": "1",
    "reason": "the gate stopped it",
    "missing": [],
    "matching": [
        {"segment_id": 7, "persona": "Thrifty Theo", "moved": 0.2},
        {"segment_id": 3, "persona": "Green Greta", "moved": 1.9},
    ],
    "training_wave": "2025-03",
    "findings": [
        {
            "name": "moved",
            "value": 1.4,
            "limit": 0.5,
            "passed": False,
            "words": "Green Greta lies 1.40 spreads off",
            "persona": "Green Greta",
        },
        {"name": "best_k", "value": 2, "limit": None, "passed": True, "words": "k = 2 is also best", "persona": None},
    ],
    "segments": ["12% of respondents form a group that no persona describes"],
    "profile": {
        "personas": [{"name": "Green Greta", "share_before": 0.5, "share": 0.6, "moved": 1.4, "stability": 0.9}],
        "transitions": {"from": ["Thrifty Theo"], "to": ["Thrifty Theo", "Green Greta"], "counts": [[190, 10]]},
    },
}
"""What became of a candidate that the gate stopped."""
