"""Work that several threads begin at the same moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")


def at_once(works: Iterable[Callable[[], Result]]) -> list[Result]:
    """Do each work in a thread of its own, all starting together, and give the results in the order of the works."""
    listed = list(works)
    start = Barrier(len(listed))

    def wait_and_work(work: Callable[[], Result]) -> Result:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(listed)) as pool:
        return list(pool.map(wait_and_work, listed))
