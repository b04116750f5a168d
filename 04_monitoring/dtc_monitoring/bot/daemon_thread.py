"""Work in a thread that nobody has to wait for when the program ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

_Result = TypeVar("_Result")


async def in_daemon_thread(work: Callable[[], _Result]) -> _Result:
    """Do work that blocks, as `asyncio.to_thread` does, but let the program end while it lasts.

    The end of `asyncio.run` waits for the threads of `asyncio.to_thread`, for minutes if a server does not answer.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_Result] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            tell(done.set_exception, error)
        else:
            tell(done.set_result, result)

    def tell(settle: Callable[..., None], value: object) -> None:
        with suppress(RuntimeError):  # the program ends, and the loop has gone
            loop.call_soon_threadsafe(lambda: None if done.done() else settle(value))

    Thread(target=run, daemon=True).start()
    return await done
