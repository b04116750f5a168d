"""Gunicorn's threaded worker, made patient with clients that are not: ``worker_class`` in gunicorn.conf.py."""

import errno
import socket
import struct
from functools import partial
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

STALL_SECONDS: Final = 30
"""How long a client may send nothing in the middle of a request before the connection is given up."""


class PatientThreadWorker(ThreadWorker):  # type: ignore[misc]  # Gunicorn has no types
    """A threaded worker in which a client takes a thread only once it has begun to send.

    Gunicorn's own hands each new connection to a thread that waits there for the first byte, so as many silent clients as there
    are threads keep everybody out for five seconds, health checks among them.
    """

    def accept(self, listener: Any) -> None:
        """Take a new connection and watch it until its client speaks."""
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
