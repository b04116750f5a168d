"""``python -m dtc_stack.mage.server start …``: Mage's own command, with two defects made good.

Mage 0.9.80 runs jobs in a pool that ends when its queue looks empty. A job that is put into the queue in that moment, or before
the queue's thread has passed it on, stays there until another job comes: its run shows as running and none of its blocks starts.
The scheduler asks about each active run every few seconds; from here on that question also starts a pool if jobs wait without one.

When its scheduler dies, as it does when Postgres goes away, Mage forks another one from the server. The fork inherits the server's
running event loop, and every run that it starts spins in that loop for ever. From here on the server ends with its scheduler, and
whatever supervises it starts both again.
"""

import os
from typing import Any

from mage_ai.orchestration.queue.process_queue import ProcessQueue


class RevivedQueue(ProcessQueue):  # type: ignore[misc]  # Mage carries no types
    """A queue whose jobs never wait without a pool."""

    def has_job(self, job_id: str, *arguments: Any, **options: Any) -> bool:
        """Tell whether a job waits or runs; start the pool if it waits in vain."""
        if not self.queue.empty() and not self.is_worker_pool_alive():
            self.start_worker_pool()
        return bool(super().has_job(job_id, *arguments, **options))


def status_or_end(manager: Any, auto_restart: bool = False) -> str:  # noqa: FBT001, FBT002 - Mage's own signature
    """Tell how the scheduler is, in the place of Mage's own method; end the server where that would fork another scheduler."""
    if auto_restart and manager.status == manager.SchedulerStatus.RUNNING and not manager.is_alive:
        os._exit(1)
    states = manager.SchedulerStatus
    return str((states.RUNNING if manager.is_alive else states.STOPPED).value)


def main() -> None:
    """Become Mage's command line."""
    from mage_ai.cli.main import app  # noqa: PLC0415 - reads its arguments when it is imported
    from mage_ai.orchestration.queue import process_queue  # noqa: PLC0415 - beside what it changes
    from mage_ai.server.scheduler_manager import SchedulerManager  # noqa: PLC0415 - likewise

    SchedulerManager.get_status = status_or_end
    process_queue.ProcessQueue = RevivedQueue  # the factory looks the name up when it makes the queue
    app()


if __name__ == "__main__":
    main()
