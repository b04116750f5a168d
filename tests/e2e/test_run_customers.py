"""`make run_customers` on a running stack: a shop's transactions become segments, checked months, labels and movement."""

import httpx
import pytest
from dtc_data import Wave, load_catalogue
from dtc_data.synthetic import write_planted_transactions
from e2e.stack_under_test import RunningStack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1_200)]


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
