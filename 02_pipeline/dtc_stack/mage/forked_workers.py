"""Workers of Mage and their connections to its database.

Mage forks a worker for each job, so the worker has copies of the scheduler's connections. Mage opens another session in it, and
drops the copied one. Python then ends that one's transaction, on the connection of the scheduler, in the middle of whatever
the scheduler is about: on a busy machine it reads the answer to somebody else's question.
"""

import os
from typing import Any

_kept: list[Any] = []
"""What must not be cleaned up in this process, since it belongs to the one that forked it."""


def keep_connections_apart(engine: Any, holder: Any) -> None:
    """Let processes that this one forks neither use nor end its connections.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Connects to the database.
    holder : object
        Its attribute ``session`` is the session of this process.
    """

    def after_fork() -> None:
        _kept.extend((holder.session, engine.pool))
        engine.dispose(close=False)

    os.register_at_fork(after_in_child=after_fork)
