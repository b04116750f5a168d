"""Short forms of what `benchmarks/` does at length."""

from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_model.rule import SegmentModel
from eventful_load import N_CLIENTS, EventfulLoad, two_models
from fakes.registry import FakeRegistry
from fakes.running_service import RunningService
from odd_requests import send_odd_requests

pytestmark = pytest.mark.integration


def test_odd_requests_get_a_reason_and_never_a_wrong_label(
    steady_service: RunningService, catalogue: Catalogue
) -> None:
    model = SegmentModel.from_catalogue(catalogue)
    findings = send_odd_requests(steady_service.url, catalogue, model, n_requests=1500, seed=4)
    assert findings.problems == []
    assert findings.requests == 1500
    assert {200, 400, 404, 405, 406, 413, 415} <= findings.statuses.keys()
    assert "request failed" not in steady_service.log


def test_a_load_survives_kills_promotions_and_an_outage(tmp_path: Path, catalogue: Catalogue) -> None:
    with FakeRegistry(catalogue.registered_model) as registry:
        for version, model in enumerate(two_models(catalogue), start=1):
            registry.add(str(version), model.to_json())
        load = EventfulLoad(registry, catalogue, seconds=12, seed=1, folder=tmp_path, slack_seconds=30)
        report = load.run()
    assert report.problems == []
    assert report.lost <= N_CLIENTS * (
        report.events["kill"] + report.events["outage"]
    ), "what a killed worker had in hand"
    assert {"promote", "kill", "outage"} <= report.events.keys()
    assert {"1", "2"} == report.versions.keys()
    assert report.answers > 200
