"""Gunicorn's threaded worker, made patient with clients that are not: ``worker_class`` in gunicorn.conf.py."""

import errno
import select
import socket
import struct
import threading
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

STALL_SECONDS: Final = 30
"""How long a client may send nothing in the middle of a request before the connection is given up."""
YIELD_SECONDS: Final = 0.001
"""How long a worker that has clients lets the others take a new one; without it one worker often gets all of them."""
FREE_THREADS: Final = 2
"""Threads of a worker that never wait for a client's next request, so that others are taken at once."""
LINGER_MILLISECONDS: Final = 10
"""How long a thread waits for a client's next request before it gives the connection back to be watched."""


class PatientThreadWorker(ThreadWorker):  # type: ignore[misc]  # Gunicorn has no types
    """A threaded worker in which silent clients take no thread, and busy ones keep theirs.

    Gunicorn's own hands each new connection to a thread that waits there for the first byte, so as many silent clients as there
    are threads keep everybody out for five seconds, health checks among them. And it takes a connection back after each
    request, which costs two changes of threads, several times what labelling a respondent costs.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lingering = threading.Semaphore(max(self.cfg.threads - FREE_THREADS, 0))

    def accept(self, listener: Any) -> None:
        """Take a new connection and watch it until its client speaks."""
        if self.nr_conns:
            time.sleep(YIELD_SECONDS)
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        # By the kernel, as Gunicorn makes the socket a blocking one, without a limit, for each request.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", STALL_SECONDS, 0))
        client.settimeout(0)
        self.nr_conns += 1
        connection = TConn(self.cfg, client, address, listener.getsockname())
        connection.set_timeout()  # as long as between two requests
        self.pending_conns.append(connection)
        self.poller.register(client, EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def handle(self, conn: Any) -> Any:
        """Answer a request, and those that follow it closely on the same connection."""
        kept = super().handle(conn)
        if kept is True and self._lingering.acquire(blocking=False):
            try:
                while kept is True and self.alive and _speaks(conn.sock):
                    kept = super().handle(conn)
            finally:
                self._lingering.release()
        return kept


def _speaks(connection: socket.socket) -> bool:
    """Wait a moment for the client's next request."""
    watch = select.poll()
    watch.register(connection, select.POLLIN)
    return bool(watch.poll(LINGER_MILLISECONDS))
