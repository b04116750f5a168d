"""A run that is followed to its end."""

from collections.abc import Iterator

import pytest
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
