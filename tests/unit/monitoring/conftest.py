"""Waves and verdicts that several tests of the monitoring room start from."""

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_monitoring import ColumnDrift, DriftVerdict
from dtc_monitoring.checks.drift_check import DriftCheck
from fakes.few_features import CENTROIDS, catalogue_with
from fakes.waves import answers_around

MakeMonth = Callable[..., pd.DataFrame]
MakeCheck = Callable[..., DriftCheck]


@pytest.fixture(scope="session")
def month(catalogue: Catalogue) -> MakeMonth:
    """Make a month of respondents around the catalogue's centroids."""

    def make(std: float, seed: int, n_units: int = 500) -> pd.DataFrame:
        answers = answers_around(catalogue.centroids, std, seed, n_units)
        return pd.DataFrame(answers, columns=list(catalogue.feature_names))

    return make


@pytest.fixture(scope="session")
def january(month: MakeMonth) -> pd.DataFrame:
    return month(2, 42)


@pytest.fixture
def check() -> MakeCheck:
    """Make a check of which the first columns drifted, the later the more clearly."""

    def make(n_drifted: int, n_columns: int = 10, threshold: float = 0.5) -> DriftCheck:
        columns = tuple(
            ColumnDrift(
                name=f"question_{n}",
                test="ks",
                statistic=0.1,
                p_value=0.04 / (n + 1) if n < n_drifted else 0.4,
                drifted=n < n_drifted,
            )
            for n in range(n_columns)
        )
        share = n_drifted / n_columns
        verdict = DriftVerdict(
            status="drift" if share >= threshold else "stable",
            drifted_share=share,
            threshold=threshold,
            columns=columns,
            n_reference=500,
            n_current=480,
            p_value_limit=0.05,
        )
        return DriftCheck(
            run_id="7_20250401T000000",
            model_name="persona_model",
            reference_wave=Wave(2025, 1),
            current_wave=Wave(2025, 3),
            checked_at=datetime(2025, 4, 1, 6, 30, tzinfo=UTC),
            mlflow_run_id="0123abcd",
            report_url="http://127.0.0.1:5050/#/experiments/2/runs/0123abcd/artifacts",
            verdict=verdict,
        )

    return make


@pytest.fixture(params=[2, 3], ids=["two features", "three features"])
def few(request: pytest.FixtureRequest) -> Catalogue:
    """A catalogue of few personas in few features."""
    return catalogue_with(CENTROIDS[request.param])
