import threading

import pytest
from dtc_model.errors import ModelBrokenError, ModelUnavailableError
from dtc_service.errors import NoModelError
from dtc_service.serving import ModelHolder
from fakes.registry import ModelShelf
from fakes.waiting import wait_until
from structlog.testing import capture_logs


def test_nothing_is_held_before_the_first_look(holder: ModelHolder) -> None:
    with pytest.raises(NoModelError, match="has not answered yet"):
        holder.labeller()


def test_the_version_in_production_is_held(holder: ModelHolder) -> None:
    holder.refresh()
    assert holder.labeller().version == "1"


def test_a_model_is_fetched_only_when_the_version_changes(holder: ModelHolder, shelf: ModelShelf) -> None:
    holder.refresh()
    first = holder.labeller()
    holder.refresh()
    assert holder.labeller() is first
    shelf.production = "2"
    holder.refresh()
    holder.refresh()
    assert shelf.fetched == ["1", "2"]


def test_a_rollback_is_followed(holder: ModelHolder, shelf: ModelShelf) -> None:
    for version in ("1", "2", "1"):
        shelf.production = version
        holder.refresh()
        assert holder.labeller().version == version


@pytest.mark.parametrize("failure", [ModelUnavailableError("registry down"), ModelBrokenError("no document")])
def test_a_failing_registry_leaves_the_last_good_model(
    holder: ModelHolder, shelf: ModelShelf, failure: Exception
) -> None:
    holder.refresh()
    shelf.failure = failure
    holder.refresh()
    assert holder.labeller().version == "1"
    assert holder.state.problem == str(failure)


def test_a_broken_version_is_not_served_until_it_is_repaired(holder: ModelHolder, shelf: ModelShelf) -> None:
    holder.refresh()
    repaired = shelf.models.pop("2")
    shelf.production = "2"
    holder.refresh()
    assert holder.labeller().version == "1"
    shelf.models["2"] = repaired
    holder.refresh()
    assert holder.labeller().version == "2"
    assert holder.state.problem is None


def test_a_problem_is_logged_once_and_its_end_too(holder: ModelHolder, shelf: ModelShelf) -> None:
    with capture_logs() as logs:
        holder.refresh()
        shelf.failure = ModelUnavailableError("registry down")
        for _ in range(3):
            holder.refresh()
        shelf.failure = None
        for _ in range(3):
            holder.refresh()
    assert [entry["event"] for entry in logs] == ["model loaded", "model not refreshed", "registry answers again"]


def test_starting_waits_for_the_first_model(holder: ModelHolder) -> None:
    holder.start()
    assert holder.labeller().version == "1"


def test_a_promotion_is_followed_within_the_reload_time(holder: ModelHolder, shelf: ModelShelf) -> None:
    holder.start()
    shelf.production = "2"
    wait_until(lambda: holder.labeller().version == "2")


def test_a_start_without_registry_recovers_by_itself(holder: ModelHolder, shelf: ModelShelf) -> None:
    shelf.failure = ModelUnavailableError("registry down")
    holder.start()
    with pytest.raises(NoModelError, match="registry down") as caught:
        holder.labeller()
    assert caught.value.retry_after_seconds == 1
    shelf.failure = None
    wait_until(lambda: holder.state.labeller is not None)


def test_even_an_unforeseen_failure_does_not_end_the_watch(holder: ModelHolder, shelf: ModelShelf) -> None:
    shelf.failure = ZeroDivisionError("a bug")
    holder.start()
    assert holder.state.problem == "unforeseen ZeroDivisionError: a bug"
    shelf.failure = None
    wait_until(lambda: holder.state.labeller is not None)


def test_stopping_ends_the_thread_and_keeps_the_model(holder: ModelHolder) -> None:
    before = set(threading.enumerate())
    holder.start()
    holder.stop()
    assert set(threading.enumerate()) <= before
    assert holder.labeller().version == "1"


def test_a_holder_that_never_started_can_be_stopped(holder: ModelHolder) -> None:
    holder.stop()
