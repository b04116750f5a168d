"""A forecast is read and made in a process that has few libraries."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.prediction import CANDIDATES, TableMaker
from fakes.shop import shop_day, shop_lines

pytestmark = pytest.mark.integration


def test_reading_and_scoring_need_neither_scikit_learn_nor_pandas(tmp_path: Path) -> None:
    maker = TableMaker(BehaviourLines(shop_lines()), 30, config=FeatureConfig(windows=(30, 90)))
    table = maker.table(shop_day(200))
    model = CANDIDATES[-1].fit(table)
    (tmp_path / "forecast.json").write_text(model.to_json())
    rows = table.values(model.feature_names)[:3]
    program = f"""
import json, sys
for name in ("sklearn", "pandas", "scipy", "optuna", "duckdb", "mlflow", "pyarrow"):
    sys.modules[name] = None
from dtc_model.prediction import ForecastModel
model = ForecastModel.from_json(open({str(tmp_path / "forecast.json")!r}).read())
rows = [[float("nan") if value is None else value for value in row] for row in json.load(sys.stdin)]
print(json.dumps([model.predict(rows).tolist(), model.reasons(rows)[0][0].words]))
"""
    sent = json.dumps([[None if np.isnan(value) else value for value in row] for row in rows.tolist()])

    done = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    probabilities, words = json.loads(done.stdout)
    assert probabilities == model.predict(rows).tolist()
    assert words == model.reasons(rows)[0][0].words
