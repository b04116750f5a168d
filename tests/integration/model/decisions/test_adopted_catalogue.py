"""An edited catalogue stops whatever rests on it until a person adopts it as a new version."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from dtc_data import Catalogue, Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.commands import main
from dtc_model.decisions import Decisions, catalogue_changes
from dtc_model.decisions.decisions import DecisionResult
from dtc_model.errors import RegistryConflictError
from dtc_model.registry import ModelRegistry
from dtc_model.rule import Reference, SegmentModel
from fakes.at_once import at_once
from fakes.served import segmentation

pytestmark = pytest.mark.integration

Train = Callable[..., dict[str, Any]]
Register = Callable[..., str]
WAVES = {"reference_wave": "2025-01", "current_wave": "2025-03"}


def moved(catalogue: Catalogue, by: float = 3.0) -> Catalogue:
    """Move the first segment's centroid in all features."""
    first = catalogue.segments[0]
    centroid = tuple((catalogue.centroids[0] + by).tolist())
    return catalogue.model_copy(
        update={"segments": (first.model_copy(update={"centroid": centroid}), *catalogue.segments[1:])}
    )


def decisions_on(catalogue: Catalogue, decisions: Decisions) -> Decisions:
    """Return the decisions as somebody makes them whose catalogue is another one."""
    return Decisions(ModelRegistry(decisions.registry.tracking_uri, catalogue), decisions.engine)


def test_an_edit_stops_until_it_is_adopted_and_then_it_is_in_production_with_a_record(
    decisions: Decisions, own_catalogue: Catalogue
) -> None:
    decisions.registry.ensure_catalogue_in_production()
    edited = decisions_on(moved(own_catalogue), decisions)
    with pytest.raises(RegistryConflictError, match="make adopt_catalogue BY=") as refused:
        edited.registry.check_catalogue()
    assert "`make catalogue_changes`" in str(refused.value)
    result = edited.adopt("Ada", "the vendor moved it")
    assert (result.production_version, result.repeated) == ("2", False)
    assert (result.decision.action, result.decision.by, result.decision.why) == (
        "promoted",
        "Ada",
        "the vendor moved it",
    )
    assert edited.history() == (result.decision,)
    edited.registry.check_catalogue()
    labels = edited.registry.load("2")
    np.testing.assert_array_equal(labels.centroids, edited.registry.catalogue.centroids)
    with pytest.raises(RegistryConflictError, match="was edited since it became version 2"):
        decisions.registry.check_catalogue()


def test_what_only_people_read_changes_without_a_version(decisions: Decisions, own_catalogue: Catalogue) -> None:
    decisions.registry.ensure_catalogue_in_production()
    first = own_catalogue.segments[0].model_copy(update={"description": "Reads every label."})
    told = own_catalogue.model_copy(update={"segments": (first, *own_catalogue.segments[1:])})
    of_told = decisions_on(told, decisions)
    of_told.registry.check_catalogue()
    with pytest.raises(RegistryConflictError, match="there is nothing to adopt"):
        of_told.adopt("Ada", "for fun")


def test_who_adopts_only_to_add_a_reference_wave_is_told_what_does(decisions: Decisions) -> None:
    decisions.registry.ensure_catalogue_in_production()
    with pytest.raises(RegistryConflictError, match=r"there is nothing to adopt.*make init REFERENCE="):
        decisions.adopt("Ada", "first delivery", lambda _: pytest.fail("nothing is measured"))


def test_adopting_again_changes_nothing_and_says_so(decisions: Decisions, own_catalogue: Catalogue) -> None:
    decisions.registry.ensure_catalogue_in_production()
    edited = decisions_on(moved(own_catalogue), decisions)
    first, again = edited.adopt("Ada", "once"), edited.adopt("Bob", "twice")
    assert (again.repeated, again.decision) == (True, first.decision)
    assert [found["version"] for found in edited.registry.versions()] == ["1", "2"]


def test_one_that_was_interrupted_goes_on_with_the_version_that_it_had_registered(
    decisions: Decisions, own_catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions.registry.ensure_catalogue_in_production()
    edited = decisions_on(moved(own_catalogue), decisions)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ModelRegistry, "move_production", killed)
        with pytest.raises(KeyboardInterrupt):
            edited.adopt("Ada", "the vendor moved it")
    assert edited.registry.production_version() == "1"
    assert edited.adopt("Ada", "the vendor moved it").production_version == "2"
    assert [found["version"] for found in edited.registry.versions()] == ["1", "2"]


def test_a_rollback_brings_the_old_catalogue_back_and_the_edit_can_be_adopted_again(
    decisions: Decisions, own_catalogue: Catalogue
) -> None:
    decisions.registry.ensure_catalogue_in_production()
    edited = decisions_on(moved(own_catalogue), decisions)
    edited.adopt("Ada", "the vendor moved it")
    assert edited.rollback("Bob", "complaints").production_version == "1"
    decisions.registry.check_catalogue()
    with pytest.raises(RegistryConflictError, match="since it became version 1"):
        edited.registry.check_catalogue()
    assert edited.adopt("Ada", "they agree now").production_version == "2"


def test_a_candidate_of_the_old_catalogue_cannot_be_promoted_any_more_and_a_new_one_can(
    decisions: Decisions, own_catalogue: Catalogue, register: Register, train: Train
) -> None:
    old = register()
    edited = decisions_on(moved(own_catalogue, by=0.5), decisions)
    adopted = edited.adopt("Ada", "the vendor moved it").production_version
    with pytest.raises(RegistryConflictError, match=f"trained for the catalogue of version 1, .* of version {adopted}"):
        edited.promote(old, "Bob", "it fits")
    new = edited.registry.register_candidate(train(), **WAVES, verdict="drift")["version"]
    assert new not in {old, adopted}, "the same centroids, but matched to another catalogue"
    assert edited.registry.version(new)["catalogue_version"] == adopted
    assert edited.promote(new, "Bob", "it fits").production_version == new
    assert edited.promote("1", "Bob", "back to the beginning").production_version == "1", "a catalogue may come back"


def test_an_edit_of_a_range_is_a_version_of_its_own(decisions: Decisions, own_catalogue: Catalogue) -> None:
    decisions.registry.ensure_catalogue_in_production()
    first = own_catalogue.features[0].model_copy(update={"maximum": 20.0})
    edited = decisions_on(
        own_catalogue.model_copy(update={"features": (first, *own_catalogue.features[1:])}), decisions
    )
    assert edited.registry.catalogue_edits() == ["feature 'x1' has maximum 20.0, registered with None"]
    assert edited.adopt("Ada", "they answer up to 20").production_version == "2"


def test_features_and_ids_cannot_change(decisions: Decisions, own_catalogue: Catalogue) -> None:
    decisions.registry.ensure_catalogue_in_production()
    without = own_catalogue.model_copy(update={"segments": own_catalogue.segments[:2]})
    with pytest.raises(RegistryConflictError, match="id 2 is gone from the catalogue"):
        decisions_on(without, decisions).adopt("Ada", "too many")
    assert [found["version"] for found in decisions.registry.versions()] == ["1"]


def test_a_catalogue_that_nobody_registered_is_adopted_as_version_1_with_a_record(decisions: Decisions) -> None:
    result = decisions.adopt("Ada", "named by the team")
    assert (result.production_version, result.decision.previous_version) == ("1", None)
    assert decisions.history() == (result.decision,)
    assert decisions.registry.production_version() == "1"


def test_the_new_version_is_measured_where_the_old_one_was(decisions: Decisions, own_catalogue: Catalogue) -> None:
    asked: list[SegmentModel] = []

    def measure(model: SegmentModel) -> Reference | None:
        asked.append(model)
        return None

    decisions.registry.ensure_catalogue_in_production()
    decisions_on(moved(own_catalogue), decisions).adopt("Ada", "moved", measure)
    assert len(asked) == 1


@pytest.fixture
def april(decisions: Decisions, own_catalogue: Catalogue) -> Catalogue:
    """Units of two waves, of which the vendor labelled ten in the latest."""
    decisions.registry.ensure_catalogue_in_production()
    table = UnitTable(own_catalogue)
    with transaction(decisions.engine) as connection:
        table.create(connection)
        table.ingest(connection, make_wave(own_catalogue, 90, 2.0, 1, Wave(2025, 3)))
        units = make_wave(own_catalogue, 300, 2.0, 3, Wave(2025, 4))
        units.loc[10:, "segment"] = None
        table.ingest(connection, units)
    return own_catalogue


def test_the_changes_say_what_moved_and_who_would_be_relabelled(decisions: Decisions, april: Catalogue) -> None:
    none = catalogue_changes(decisions.registry, decisions.engine)
    assert (none.edits, none.relabelling) == ((), None)
    edited = moved(april, by=12.0)
    changes = catalogue_changes(ModelRegistry(decisions.registry.tracking_uri, edited), decisions.engine)
    assert len(changes.edits) == 10
    assert changes.edits[0].startswith("the centroid of 'Sustainable Steve' has x1 = ")
    found = changes.relabelling
    assert found is not None
    assert (str(found.wave), found.units, found.by_vendor) == ("2025-04", 300, 10)
    assert sum(n for row in found.counts.values() for n in row.values()) == 290
    steve = found.counts["Sustainable Steve"]
    assert found.relabelled == sum(n for to, n in steve.items() if to != "Sustainable Steve") > 50


def test_a_new_name_relabels_nobody(decisions: Decisions, april: Catalogue) -> None:
    first = april.segments[0].model_copy(update={"name": "Steven"})
    renamed = april.model_copy(update={"segments": (first, *april.segments[1:])})
    changes = catalogue_changes(ModelRegistry(decisions.registry.tracking_uri, renamed), decisions.engine)
    assert changes.edits == ("segment 0 is named 'Steven', registered as 'Sustainable Steve'",)
    assert changes.relabelling is not None
    assert changes.relabelling.relabelled == 0
    assert "Steven" in changes.relabelling.counts


@pytest.mark.usefixtures("database_in_environment")
def test_the_commands_show_the_changes_and_adopt_them(
    decisions: Decisions, april: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", decisions.registry.tracking_uri)

    def run(catalogue: Catalogue, *arguments: str) -> str:
        found = segmentation(catalogue, "stores")
        monkeypatch.setattr("dtc_model.decisions.decision_commands.find_segmentation", lambda _: found)
        result = CliRunner().invoke(main, list(arguments))
        assert result.exit_code == 0, result.output
        return result.output

    edited = moved(april, by=12.0)
    assert "there is nothing to adopt" in run(april, "catalogue-changes")
    shown = run(edited, "catalogue-changes")
    for words in (
        "Edited in the catalogue 'DTC personas' since version 1 of",
        "• the centroid of 'Sustainable Steve' has x1 = ",
        "In the latest wave, 2025-04, ",
        "of 290 respondents would get another persona than by version 1; 10 more keep the vendor's persona:",
        "• Sustainable Steve: ",
        "make adopt_catalogue SEGMENTATION=stores BY=… WHY=…",
    ):
        assert words in shown
    assert json.loads(run(edited, "catalogue-changes", "--json"))["relabelling"]["by_vendor"] == 10
    adopted = run(edited, "adopt-catalogue", "--by", "Ada", "--why", "it costs $500")
    assert "version 2 was put into production by Ada" in adopted
    assert "it costs $500" in adopted
    without = april.model_copy(update={"segments": april.segments[:2]})
    assert "This cannot be adopted: id 2 is gone" in run(without, "catalogue-changes")


def test_two_people_who_adopt_at_once_make_one_version(decisions: Decisions, own_catalogue: Catalogue) -> None:
    decisions.registry.ensure_catalogue_in_production()

    def adopt(by: str) -> DecisionResult:
        return decisions_on(moved(own_catalogue), decisions).adopt(by, "at once")

    results = at_once([lambda: adopt("Ada"), lambda: adopt("Bob")])
    assert sorted(result.repeated for result in results) == [False, True]
    assert [found["version"] for found in decisions.registry.versions()] == ["1", "2"]
