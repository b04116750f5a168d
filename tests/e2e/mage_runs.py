"""What tests of a whole stack ask its Mage, and the chat, about runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dtc_stack.mage import MageClient
from e2e.stack_under_test import RunningStack
from fakes.waiting import wait_until


@contextmanager
def mage(stack: RunningStack) -> Iterator[MageClient]:
    """Log in to the stack's Mage."""
    with MageClient(
        f"http://127.0.0.1:{stack.settings['MAGE_PORT']}",
        stack.settings["MAGE_OWNER_EMAIL"],
        stack.settings["MAGE_OWNER_PASSWORD"],
    ) as client:
        client.log_in()
        yield client


def runs_of(client: MageClient, pipeline: str) -> list[dict[str, Any]]:
    """Return the runs of a pipeline, the newest first."""
    return list(client.ask("GET", "/api/pipeline_runs", params={"pipeline_uuid": pipeline})["pipeline_runs"])


def monthly_runs(stack: RunningStack, pipeline: str, number: int) -> list[dict[str, Any]]:
    """Let Mage start the checks of the month before today, and return a pipeline's runs among them once all of so many have ended."""
    with mage(stack) as client:
        before = {run["id"] for run in runs_of(client, pipeline)}
        client.run({}, lambda _: None, pipeline="monthly_checks")
        found: list[dict[str, Any]] = []

        def ended() -> bool:
            time.sleep(0.5)
            found[:] = [run for run in runs_of(client, pipeline) if run["id"] not in before]
            return len(found) == number and {run["status"] for run in found} <= {"completed", "failed"}

        wait_until(ended, lambda: str([(run["variables"], run["status"]) for run in found]))
        return found


def failure_told(stack: RunningStack, part: str) -> str:
    """Wait for the alert of a failed run that holds some text; Mage's scheduler sends it after the run has ended."""
    found: list[str] = []

    def arrived() -> bool:
        texts = [message.text for message in stack.telegram.messages]
        found[:] = [text for text in texts if text.startswith("The check failed") and part in text]
        return bool(found)

    wait_until(arrived, lambda: [message.text for message in stack.telegram.messages])
    return found[-1]
