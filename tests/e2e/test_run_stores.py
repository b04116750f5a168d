"""`make run_stores` on a running stack: a retailer's files become archetypes, checked quarters, labels and lists."""

import httpx
import pytest
from dtc_data import load_catalogue
from dtc_data.stores import RetailPlan, write_planted_retailer
from e2e.stack_under_test import RunningStack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def test_a_retailer_becomes_archetypes_that_live_through_quarters(stack: RunningStack) -> None:
    retailer = stack.folder / "retailer"
    write_planted_retailer(RetailPlan(n_stores=90, lines_per_week=8, seed=3), retailer, ("parquet",))

    result = stack.command("run-stores", "--data", str(retailer), "--reference", "2025Q3", timeout_seconds=600)

    assert result.returncode == 0, result.stdout + result.stderr
    catalogue = load_catalogue(stack.catalogues / "stores.yaml")
    found = stack.outcome("last_run_stores.json")
    assert (found["reference_wave"], list(found["waves"])) == ("2025-09", ["2025-12"])
    assert list(found["labels"]) == ["2025-09", "2025-12"]
    assert found["quality"]["checks"] > 20
    assert found["quality"]["problems"]
    assert len(catalogue.segments) >= 3
    for name in catalogue.segment_names:
        assert name in result.stdout

    new = dict.fromkeys(catalogue.feature_names) | {"size_m2": 400.0, "placement": "station"}
    answer = httpx.post(f"{stack.service_url}/predict/stores", json=[new], timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["segments"][0] in catalogue.segment_names

    pages = f"http://127.0.0.1:{stack.settings['DASHBOARD_PORT']}"
    page = httpx.get(f"{pages}/stores", timeout=60)
    listed = httpx.get(f"{pages}/stores/stores.csv", timeout=60)
    assert page.status_code == listed.status_code == 200
    assert all(name in page.text for name in catalogue.segment_names)
    assert len(listed.text.splitlines()) > 60
