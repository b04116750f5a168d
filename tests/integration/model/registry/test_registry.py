import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.decisions import Decisions
from dtc_model.errors import NoProductionVersionError, RegistryConflictError
from dtc_model.registry import ModelRegistry, RegistryReader
from dtc_model.rule import SegmentModel
from fakes.at_once import at_once
from fakes.waves import wave_around
from mlflow import MlflowClient
from sklearn.datasets import make_blobs

pytestmark = pytest.mark.integration

Train = Callable[..., dict[str, Any]]
Decide = Callable[..., dict[str, Any]]
Register = Callable[..., str]

WAVES = {"reference_wave": "2025-01", "current_wave": "2025-03"}


def production_model(registry: ModelRegistry) -> tuple[str, SegmentModel]:
    with RegistryReader(registry.tracking_uri, registry.name) as reader:
        served = reader.fetch(reader.production_version())
    return served.version, served.model


def share_labelled_right(model: SegmentModel, catalogue: Catalogue) -> float:
    """Label 10,000 fresh respondents made around the catalogue's centroids."""
    answers, made_from = make_blobs(10_000, centers=catalogue.centroids, cluster_std=2, random_state=20251120)
    return float(np.mean(model.label(answers) == np.array(catalogue.segment_ids)[made_from]))


def versions_of(client: MlflowClient, registry: ModelRegistry) -> list[str]:
    return sorted(str(found.version) for found in client.search_model_versions(f"name = '{registry.name}'"))


def test_the_way_from_the_catalogue_to_a_retrained_model_in_production(
    registry: ModelRegistry, train: Train, decide_on: Decide, client: MlflowClient, own_catalogue: Catalogue
) -> None:
    assert registry.ensure_catalogue_in_production() == "1"
    version, model = production_model(registry)
    assert version == "1"
    assert np.array_equal(model.centroids, own_catalogue.centroids)
    assert share_labelled_right(model, own_catalogue) >= 0.999

    sweep = train()  # the original March: standard deviation 3.1, seed 5977
    candidate = registry.register_candidate(sweep, **WAVES, verdict="drift")
    assert json.loads(json.dumps(candidate)) == candidate
    assert (candidate["version"], candidate["k"], candidate["promotable"]) == ("2", 3, True)
    assert [entry["segment"] for entry in candidate["matching"]] == list(own_catalogue.segment_names)
    assert all(0 < entry["moved"] < 2 for entry in candidate["matching"])
    assert registry.production_version() == "1"
    first, second = (client.get_model_version(registry.name, number).description for number in ("1", "2"))
    assert first.startswith("The personas as the catalogue has them")
    assert second.startswith("Trained on wave 2025-03, k = 3, because 2025-03 against 2025-01 came out as: Drift.")

    promotion = decide_on("2")
    assert (promotion["promoted"], promotion["previous_version"], promotion["production_version"]) == (True, "1", "2")
    assert registry.production_version() == "2"
    version, model = production_model(registry)
    assert version == "2"
    assert (model.segment_ids, model.segment_names) == (own_catalogue.segment_ids, own_catalogue.segment_names)
    assert not np.array_equal(model.centroids, own_catalogue.centroids)
    assert share_labelled_right(model, own_catalogue) >= 0.999

    tags = client.get_model_version(registry.name, "2").tags
    expected = {"k": "3", "run_id": sweep["best_run_id"], "sweep_run_id": sweep["parent_run_id"], "verdict": "drift"}
    waves = {"reference_wave": "2025-01", "current_wave": "2025-03", "training_wave": "2025-03"}
    assert tags.items() >= (expected | waves | {"promotable": "true"}).items()
    assert "promoted_at" in tags
    assert registry.ensure_catalogue_in_production() == "2"
    assert versions_of(client, registry) == ["1", "2"]


def test_the_model_belongs_to_the_best_run_and_lives_under_the_experiment(
    registry: ModelRegistry, train: Train, client: MlflowClient
) -> None:
    registry.ensure_catalogue_in_production()
    sweep = train()
    version = client.get_model_version(
        registry.name, registry.register_candidate(sweep, **WAVES, verdict="drift")["version"]
    )
    assert version.run_id == sweep["best_run_id"]
    assert version.source.startswith("models:/m-")
    logged = client.get_logged_model(version.source.removeprefix("models:/"))
    assert (logged.source_run_id, str(logged.status)) == (sweep["best_run_id"], "READY")
    assert logged.experiment_id == sweep["experiment_id"]
    assert client.get_run(sweep["best_run_id"]).outputs.model_outputs[0].model_id == logged.model_id


def test_another_number_of_segments_is_registered_but_not_promoted(
    registry: ModelRegistry, train: Train, decide_on: Decide, own_catalogue: Catalogue
) -> None:
    registry.ensure_catalogue_in_production()
    newcomers = np.vstack([own_catalogue.centroids, np.full(10, 9.0), np.full(10, -9.0)])
    candidate = registry.register_candidate(train(newcomers, std=1.0, k_max=7, k=5), **WAVES, verdict="drift")
    assert (candidate["version"], candidate["k"], candidate["promotable"]) == ("2", 5, False)
    assert [entry["segment"] for entry in candidate["matching"]] == [
        *own_catalogue.segment_names,
        "unnamed segment 1",
        "unnamed segment 2",
    ]
    assert "5 clusters" in candidate["reason"]
    assert "3 personas" in candidate["reason"]
    promotion = decide_on("2", wave_around(own_catalogue, newcomers, 1.0, 5977))
    assert (promotion["decision"], promotion["production_version"]) == ("gate_failed", "1")
    assert "2 clusters stand for no persona" in promotion["reason"]
    assert [words.split("% of")[1] for words in promotion["segments"]] == [
        f" respondents form a group that no persona describes; today they are labelled {name}"
        for name in ("Sustainable Steve", "Bargain-Hunting Bella")
    ]
    assert registry.production_version() == "1"
    with RegistryReader(registry.tracking_uri, registry.name) as reader:
        assert len(reader.fetch("2").model.segment_ids) == 5


def test_fewer_clusters_than_segments_are_not_promoted_either(
    registry: ModelRegistry, train: Train, own_catalogue: Catalogue
) -> None:
    registry.ensure_catalogue_in_production()
    candidate = registry.register_candidate(train(own_catalogue.centroids[:2], std=1.0, k=2), **WAVES, verdict="drift")
    assert (candidate["k"], candidate["promotable"]) == (2, False)
    assert candidate["missing"] == [own_catalogue.segment_names[2]]
    assert "2 clusters" in candidate["reason"]
    assert "3 personas" in candidate["reason"]


def test_the_candidate_has_as_many_clusters_as_there_are_segments_whatever_the_ratio_prefers(
    registry: ModelRegistry, train: Train, own_catalogue: Catalogue
) -> None:
    registry.ensure_catalogue_in_production()
    candidate = registry.register_candidate(train(own_catalogue.centroids[:2], std=1.0), **WAVES, verdict="drift")
    assert (candidate["k"], candidate["best_k"], candidate["promotable"]) == (3, 2, True)


def test_registering_again_changes_nothing(registry: ModelRegistry, train: Train, client: MlflowClient) -> None:
    registry.ensure_catalogue_in_production()
    sweep = train()
    first = registry.register_candidate(sweep, **WAVES, verdict="drift")
    assert registry.register_candidate(sweep, **WAVES, verdict="drift") == first
    assert versions_of(client, registry) == ["1", "2"]


def test_all_versions_and_the_newest_for_a_wave_can_be_listed(
    registry: ModelRegistry, train: Train, decisions: Decisions
) -> None:
    registry.ensure_catalogue_in_production()
    older, newer = (registry.register_candidate(train(seed=seed), **WAVES, verdict="drift") for seed in (5977, 1))
    decisions.promote(newer["version"], "Ada", "looked at it")
    assert [(found["version"], found["promoted"]) for found in registry.versions()] == [
        ("1", True),
        ("2", False),
        ("3", True),
    ]
    newest = registry.newest_for("2025-03")
    assert (newest["version"], newest["promoted"]) == (newer["version"], True)
    assert older["version"] == "2"
    assert registry.newest_for("2025-04") == {}


def test_an_edited_catalogue_is_refused_once_it_is_registered(
    registry: ModelRegistry, own_catalogue: Catalogue
) -> None:
    segment = own_catalogue.segments[0].model_copy(update={"name": "Renamed Rita"})
    edited = own_catalogue.model_copy(update={"segments": (segment, *own_catalogue.segments[1:])})
    of_edited = ModelRegistry(registry.tracking_uri, edited)
    of_edited.check_catalogue()
    registry.ensure_catalogue_in_production()
    registry.check_catalogue()
    with pytest.raises(RegistryConflictError, match="segment 0 is named 'Renamed Rita', registered as"):
        of_edited.check_catalogue()


def test_nothing_is_in_production_before_the_catalogue_is(registry: ModelRegistry, train: Train) -> None:
    with pytest.raises(NoProductionVersionError, match="make init"):
        registry.production_version()
    with pytest.raises(RegistryConflictError, match="make init"):
        registry.register_candidate(train(), **WAVES, verdict="drift")


def test_two_processes_at_once_register_the_catalogue_once(
    mlflow_uri: str, own_catalogue: Catalogue, registry: ModelRegistry, client: MlflowClient
) -> None:
    registries = [ModelRegistry(mlflow_uri, own_catalogue) for _ in range(4)]
    assert at_once(found.ensure_catalogue_in_production for found in registries) == ["1"] * 4
    assert versions_of(client, registry) == ["1"]


def _only_the_name(registry: ModelRegistry, client: MlflowClient) -> None:
    client.create_registered_model(registry.name)


def _no_alias(registry: ModelRegistry, client: MlflowClient) -> None:
    registry.ensure_catalogue_in_production()
    client.delete_registered_model_alias(registry.name, "production")
    client.delete_model_version_tag(registry.name, "1", "promoted_at")


def _marked_but_no_alias(registry: ModelRegistry, client: MlflowClient) -> None:
    registry.ensure_catalogue_in_production()
    client.delete_registered_model_alias(registry.name, "production")


@pytest.mark.parametrize("interrupt", [_only_the_name, _no_alias, _marked_but_no_alias])
def test_an_interrupted_start_is_completed_by_the_next_one(
    registry: ModelRegistry,
    client: MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
    interrupt: Callable[[ModelRegistry, MlflowClient], None],
) -> None:
    monkeypatch.setattr("dtc_model.registry.catalogue_versions.OTHER_PROCESS_SECONDS", 0.5)
    interrupt(registry, client)
    with pytest.raises(NoProductionVersionError, match="make init"):
        registry.production_version()
    assert registry.ensure_catalogue_in_production() == "1"
    assert registry.production_version() == "1"
    assert versions_of(client, registry) == ["1"]


def test_a_promoted_version_that_was_taken_out_of_production_is_not_replaced_silently(
    registry: ModelRegistry, register: Register, decisions: Decisions, client: MlflowClient
) -> None:
    decisions.promote(register(), "Ada", "looked at it")
    client.delete_registered_model_alias(registry.name, "production")
    with pytest.raises(RegistryConflictError, match=r"version 2 was promoted.*make promote VERSION=2"):
        registry.ensure_catalogue_in_production()
    with pytest.raises(NoProductionVersionError, match=r"took the alias .* away.* make promote VERSION=2") as refused:
        registry.production_version()
    assert "make init" not in str(refused.value)
    decisions.promote("2", "Ada", "the alias was gone")  # the way out that the message names
    assert registry.ensure_catalogue_in_production() == "2"


def test_the_way_out_names_the_version_that_was_in_production_last(
    registry: ModelRegistry, register: Register, decisions: Decisions, client: MlflowClient
) -> None:
    decisions.promote(register(), "Ada", "looked at it")
    time.sleep(1.1)  # decisions are dated to the second
    decisions.rollback("Ada", "it labels oddly")
    client.delete_registered_model_alias(registry.name, "production")
    for ask in (registry.production_version, registry.ensure_catalogue_in_production):
        with pytest.raises((NoProductionVersionError, RegistryConflictError), match="make promote VERSION=1 "):
            ask()


def test_where_the_catalogue_s_own_version_is_gone_the_message_does_not_advise_to_begin(
    registry: ModelRegistry, register: Register, client: MlflowClient
) -> None:
    register()
    client.delete_model_version(registry.name, "1")
    with pytest.raises(RegistryConflictError, match=r"has been deleted.*backup") as refused:
        registry.ensure_catalogue_in_production()
    assert "make init" not in str(refused.value)


def test_a_changed_catalogue_is_neither_started_nor_trained_with(
    mlflow_uri: str, registry: ModelRegistry, own_catalogue: Catalogue, train: Train
) -> None:
    registry.ensure_catalogue_in_production()
    sweep = train()
    first, *others = own_catalogue.segments
    renamed = own_catalogue.model_copy(update={"segments": (first.model_copy(update={"name": "Steve"}), *others)})
    changed = ModelRegistry(mlflow_uri, renamed)
    attempts: list[Callable[[], Any]] = [
        changed.ensure_catalogue_in_production,
        lambda: changed.register_candidate(sweep, **WAVES, verdict="drift"),
    ]
    for attempt in attempts:
        with pytest.raises(RegistryConflictError, match=r"'Steve'.*'Sustainable Steve'.*restore the catalogue"):
            attempt()
    assert registry.production_version() == "1"


def test_a_name_that_another_program_uses_is_left_alone(
    registry: ModelRegistry, client: MlflowClient, own_catalogue: Catalogue
) -> None:
    client.create_registered_model(registry.name)
    experiment_id = client.create_experiment(own_catalogue.registered_model)
    run = client.create_run(experiment_id)
    client.create_model_version(registry.name, f"{run.info.artifact_uri}/model", run.info.run_id)
    with pytest.raises(RegistryConflictError, match=r"no version of .* is a catalogue"):
        registry.ensure_catalogue_in_production()
    with pytest.raises(NoProductionVersionError, match=r"no version of .* is in production"):
        registry.production_version()
