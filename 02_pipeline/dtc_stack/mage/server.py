"""``python -m dtc_stack.mage.server start …``: Mage's own command, with what it does wrong or leaves out made good.

- Its queue is ours (`dtc_stack.mage.job_queue`), and its workers leave the scheduler's connections alone (`forked_workers`).
- People hear of runs that fail (`dtc_stack.mage.failed_runs`).
- When its scheduler dies, as it does when Postgres goes away, Mage forks another one from the server. The fork inherits the
  server's running event loop, and every run that it starts spins in that loop for ever. Here the server ends with its
  scheduler, and whatever supervises it starts both again.
- Its pages ask PyPI for a newer version. Here they are told that there is none.
"""

import os
from typing import Any

from dtc_data.core import settle_environment


def status_or_end(manager: Any, auto_restart: bool = False) -> str:  # noqa: FBT001, FBT002 - Mage's own signature
    """Tell how the scheduler is, in the place of Mage's own method; end the server where that would fork another scheduler."""
    if auto_restart and manager.status == manager.SchedulerStatus.RUNNING and not manager.is_alive:
        os._exit(1)
    states = manager.SchedulerStatus
    return str((states.RUNNING if manager.is_alive else states.STOPPED).value)


async def no_newer_version() -> str:
    """Say that the newest version of Mage is the one that runs."""
    from mage_ai.server.constants import VERSION  # noqa: PLC0415 - as in main

    return str(VERSION)


def main() -> None:
    """Become Mage's command line."""
    settle_environment()
    from mage_ai.api.resources import ProjectResource  # noqa: PLC0415 - Mage reads the environment when it is imported
    from mage_ai.cli.main import app  # noqa: PLC0415 - reads its arguments when it is imported
    from mage_ai.orchestration.db import db_connection, engine  # noqa: PLC0415 - connects when it is imported
    from mage_ai.orchestration.queue import process_queue  # noqa: PLC0415 - beside what it changes

    from dtc_stack.mage.failed_runs import watching  # noqa: PLC0415 - takes what the command line may not need
    from dtc_stack.mage.forked_workers import keep_connections_apart  # noqa: PLC0415 - likewise
    from dtc_stack.mage.job_queue import JobQueue  # noqa: PLC0415 - likewise

    # The factory looks the name up when it makes the queue, which it does as soon as the scheduler's modules are imported.
    process_queue.ProcessQueue = JobQueue
    from mage_ai.orchestration.triggers.loop_time_trigger import LoopTimeTrigger  # noqa: PLC0415 - see above
    from mage_ai.server.scheduler_manager import SchedulerManager  # noqa: PLC0415 - likewise

    keep_connections_apart(engine, db_connection)
    SchedulerManager.get_status = status_or_end
    LoopTimeTrigger.run = watching(LoopTimeTrigger.run)
    ProjectResource.get_latest_version = no_newer_version
    app()


if __name__ == "__main__":
    main()
