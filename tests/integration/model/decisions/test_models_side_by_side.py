"""Two segmentations in one stack: neither waits for the other, and both can be retrained at the same time."""

from functools import partial
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import CURRENT, stack_waves, transaction, wave_called
from dtc_model.decisions import Decisions, decide, read_decisions
from dtc_model.decisions.decision_table import lock_decisions
from dtc_model.registry import ModelRegistry
from dtc_model.settings import TrainingSettings
from dtc_model.training import train_models
from fakes.at_once import at_once
from fakes.catalogues import under_a_name_of_its_own
from fakes.waiting import assert_once_within, seconds_of
from fakes.waves import JANUARY, wave_around
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


@pytest.fixture
def both(
    mlflow_uri: str, catalogue: Catalogue, small_catalogue: Catalogue, engine: Engine
) -> tuple[Decisions, Decisions]:
    """The decisions on two models in one database, with their catalogues in production."""
    found = tuple(
        Decisions(ModelRegistry(mlflow_uri, under_a_name_of_its_own(each)), engine)
        for each in (catalogue, small_catalogue)
    )
    for decisions in found:
        decisions.registry.ensure_catalogue_in_production()
    return found[0], found[1]


def samples(catalogue: Catalogue) -> pd.DataFrame:
    std = JANUARY[0] if len(catalogue.features) > 3 else 0.4
    january, march = (wave_around(catalogue, catalogue.centroids, std, seed) for seed in (42, 7))
    return stack_waves(january, march, catalogue, Wave(2025, 1), Wave(2025, 3))


def retrain(decisions: Decisions) -> dict[str, Any]:
    """Train, register and decide, as a run does after a drift."""
    catalogue = decisions.registry.catalogue
    stacked = samples(catalogue)
    sweep = train_models(
        wave_called(stacked, CURRENT),
        catalogue,
        wave="2025-03",
        tracking_uri=decisions.registry.tracking_uri,
        settings=TrainingSettings(k_max=3, n_init=2, bootstraps=3),
        report_progress=lambda _: None,
    )
    waves = {"reference_wave": "2025-01", "current_wave": "2025-03"}
    registered = decisions.registry.register_candidate(sweep, verdict="drift", **waves)
    return decide(registered, stacked, decisions)


def test_both_are_retrained_at_the_same_time(both: tuple[Decisions, Decisions], engine: Engine) -> None:
    outcomes = at_once(partial(retrain, decisions) for decisions in both)
    for decisions, outcome in zip(both, outcomes, strict=True):
        assert not isinstance(outcome, Exception), outcome
        assert (outcome["version"], outcome["previous_version"]) == ("2", "1")
        assert decisions.registry.production_version() == ("2" if outcome["promoted"] else "1")
        with transaction(engine) as connection:
            made = read_decisions(connection, decisions.registry.name)
        assert [found.model_name for found in made] == [decisions.registry.name] * outcome["promoted"]
    assert [outcome["promoted"] for outcome in outcomes] == [True, True]


def test_a_decision_on_one_waits_for_none_on_another(both: tuple[Decisions, Decisions], engine: Engine) -> None:
    ours, theirs = both
    ours.history()  # the table is there
    with transaction(engine) as connection:
        lock_decisions(connection, theirs.registry.name)
        assert_once_within(10, lambda: seconds_of(ours.history))  # the lock is another one
        assert ours.history() == ()
