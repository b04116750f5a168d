"""A run that is followed to its end."""

from collections.abc import Iterator

import pytest
from dtc_stack.errors import PipelineRunError
from dtc_stack.mage import BlockState, MageClient, RunState, client


def test_a_block_whose_state_goes_to_and_fro_is_reported_once_per_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "POLL_SECONDS", 0)
    mage, told = MageClient("http://127.0.0.1:9", "", ""), list[tuple[str, str]]()
    states = _run("initial", "running", "completed", "initial", "running", "completed")
    monkeypatch.setattr(mage, "state", lambda _: next(states))

    end = mage.follow(7, lambda block: told.append((block.name, block.status)))

    assert end.status == "completed"
    assert told == [("check_drift", "running"), ("check_drift", "completed")]


def _run(*statuses: str) -> Iterator[RunState]:
    for number, status in enumerate(statuses, start=1):
        ended = "completed" if number == len(statuses) else "running"
        yield RunState(7, ended, [BlockState(1, "check_drift", status)])


class _Clock:
    """Stands for the module time: no sleep, and 100 s between two looks at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 100
        return self.now

    def sleep(self, _: float) -> None:
        """Return at once."""


def test_a_run_is_followed_as_long_as_its_blocks_move(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _Clock()
    monkeypatch.setattr(client, "time", clock)
    mage = MageClient("http://127.0.0.1:9", "", "")
    states = _run(*[f"state {number}" for number in range(20)])
    monkeypatch.setattr(mage, "state", lambda _: next(states))

    assert mage.follow(7, lambda _: None).status == "completed"
    assert clock.now > 4 * client.STILL_SECONDS


def test_a_run_that_stands_still_is_let_go_and_its_page_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "time", _Clock())
    mage = MageClient("http://127.0.0.1:9", "", "")
    monkeypatch.setattr(mage, "state", lambda _: RunState(7, "running", [BlockState(1, "train_forecast", "running")]))

    with pytest.raises(PipelineRunError, match=r"goes on by itself: http://127\.0\.0\.1:9/pipelines/\w+/runs/7"):
        mage.follow(7, lambda _: None)
