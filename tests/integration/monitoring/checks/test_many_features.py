"""A survey with hundreds of questions is checked, and told with a picture of what changed; benchmarks/wide_check.py measures it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import stack_waves
from dtc_monitoring.alerts import tell
from dtc_monitoring.checks import check_drift
from dtc_monitoring.columns import DRAWN
from fakes.catalogues import under_a_name_of_its_own
from fakes.served import segmentation
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

N_FEATURES, N_UNITS = 500, 1_000
CHANGED = [f"question_{number}" for number in range(0, N_FEATURES, 10)]


def wide_catalogue() -> Catalogue:
    centroids = np.random.default_rng(1).uniform(-5, 5, (3, N_FEATURES)).round(3)
    return under_a_name_of_its_own(
        Catalogue.model_validate(
            {
                "name": "wide",
                "registered_model": "wide",
                "features": [{"name": f"question_{number}"} for number in range(N_FEATURES)],
                "personas": [
                    {"id": number, "name": f"Persona {number}", "centroid": row}
                    for number, row in enumerate(centroids.tolist())
                ],
            }
        )
    )


def wave(catalogue: Catalogue, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    segments = random.integers(0, 3, N_UNITS)
    answers = catalogue.centroids[segments] + random.normal(0, 2, (N_UNITS, N_FEATURES))
    frame = pd.DataFrame(answers, columns=list(catalogue.feature_names))
    return frame.assign(customer_id=[f"c{row}" for row in range(N_UNITS)])


def test_a_check_of_500_features_with_1000_people_is_made_and_draws_those_that_changed(
    engine: Engine, mlflow_uri: str, tmp_path: Path
) -> None:
    catalogue = wide_catalogue()
    current = wave(catalogue, 2)
    current[CHANGED] += 0.9
    samples = stack_waves(wave(catalogue, 1), current, catalogue, Wave(2025, 1), Wave(2025, 3))
    check = check_drift(
        samples,
        catalogue,
        reference_wave="2025-01",
        current_wave="2025-03",
        run_id="run 1",
        engine=engine,
        tracking_uri=mlflow_uri,
    )
    told = tell(check, segmentation=segmentation(catalogue), engine=engine, tracking_uri=mlflow_uri)
    assert check["status"] == "drift"
    part = "the 100 of 500 features whose answers changed most"
    assert f"Distributions of the answers to {part}" in told["text"]
    client = MlflowClient(mlflow_uri)
    run = client.get_run(check["mlflow_run_id"])
    assert f"Evidently's shows {part}." in run.data.tags["mlflow.note.content"]
    assert len(run.data.metrics) == 1 + 2 * N_FEATURES
    page = Path(client.download_artifacts(run.info.run_id, "drift_report.html", str(tmp_path))).read_text("utf-8")
    assert f"Drawn and counted here: {part}. The verdict was reached from all of them." in page
    drawn = [name for name in catalogue.feature_names if f'"{name}"' in page]
    assert len(drawn) == DRAWN
    assert set(CHANGED) <= set(drawn)
