"""`make run_customers` on a running stack: a shop's transactions become segments, checked months, labels and movement."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
import yaml
from dtc_data import Wave, load_catalogue
from dtc_data.synthetic import write_planted_transactions
from dtc_stack.settings import PROJECT_FOLDER
from e2e.mage_runs import failure_told, monthly_runs
from e2e.stack_under_test import RunningStack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1_200)]

PIPELINE = "customer_value_pipeline"
LAST = Wave(2024, 8)
"""The shop's last month."""


def test_transactions_become_segments_that_live_through_months(stack: RunningStack) -> None:
    file = stack.folder / "shop.parquet"
    write_planted_transactions(file, 500, Wave(2023, 12), 9, seed=1)

    result = stack.command("run-customers", "--data", str(file), timeout_seconds=900)

    assert result.returncode == 0, result.stdout + result.stderr
    catalogue = load_catalogue(stack.catalogues / "customer_value.yaml")
    found = stack.outcome("last_run_customers.json")
    waves = list(found["waves"])
    assert (found["reference_wave"], waves[0]) == ("2024-05", "2024-06")
    assert list(found["labels"]) == ["2024-05", *waves]
    assert [movement["to_wave"] for movement in found["movement"]] == waves
    assert found["quality"]["customers"] > 400
    for wave in waves:
        assert "cannot be excluded" in found["waves"][wave]["beside"][0]
    for name in catalogue.segment_names:
        assert name in result.stdout
    line = {"customer_id": "ann", "order_id": "1", "product_id": "mug", "quantity": 2, "amount": 9.5}
    lines = [line | {"ordered_at": "2024-08-03T10:00:00+01:00"}]
    query = {"from": "transactions", "as_of": "2024-09-01T00:00:00Z"}
    answer = httpx.post(f"{stack.service_url}/predict/customer_value", json=lines, params=query, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["ids"] == {"customer_id": ["ann"]}

    other = stack.folder / "other.parquet"
    write_planted_transactions(other, 300, Wave(2023, 12), 9, seed=2)
    refused = stack.command("run-customers", "--data", str(other))
    assert refused.returncode == 3
    assert "customers of two shops do not mix" in refused.stderr


def monthly_check(stack: RunningStack) -> dict[str, Any]:
    """Return the run on customers among those of the month before today, once it has ended."""
    return monthly_runs(stack, PIPELINE, 1)[0]


def write_lines_up_to(wave: Wave, shop: Path, path: Path) -> None:
    """Write the shop's lines again as other orders, so much later that its last month is another one."""
    later = timedelta(days=(wave.end - LAST.end).days)
    lines = pd.read_parquet(shop)
    for column in ("ordered", "known"):
        lines[column] = (pd.to_datetime(lines[column]) + later).astype(str)
    for column in ("line", "order"):
        lines[column] = lines[column].astype(str) + "-later"
    lines.to_parquet(path)
    layout = yaml.safe_load((shop.parent / "transactions.yaml").read_text()) | {"file_date": wave.end.date()}
    path.with_suffix(".yaml").write_text(yaml.safe_dump(layout))


def test_the_monthly_check_tells_what_is_missing_and_checks_the_month_once_it_was_ingested(stack: RunningStack) -> None:
    without = monthly_check(stack)

    wave = Wave.parse(without["variables"]["current_wave"])
    told = failure_told(stack, f"Customer value (customer_value), wave {wave}")
    assert without["status"] == "failed"
    assert f"there are no transactions of {wave}: they end on 2024-08-" in told
    assert "make ingest_transactions" in told

    later = stack.folder / "later.parquet"
    write_lines_up_to(wave, stack.folder / "shop.parquet", later)
    command = str(PROJECT_FOLDER / "00_create_data" / "ingest_transactions.py")
    ingested = stack.run(command, str(later), "--layout", str(later.with_suffix(".yaml")))
    assert ingested.returncode == 0, ingested.stderr
    checked = monthly_check(stack)

    assert (checked["status"], checked["variables"]["current_wave"]) == ("completed", str(wave))
    messages = [message.text for message in stack.telegram.messages]
    assert any(f"Customer value (customer_value), wave {wave} (" in text for text in messages), messages
