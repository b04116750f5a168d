"""A machine that has something else to do."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager


def burn() -> None:
    """Keep a core busy."""
    while True:
        pass


@contextmanager
def busy_machine() -> Iterator[None]:
    """Load every core while the block runs."""
    spawned = multiprocessing.get_context("spawn")
    burners = [spawned.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 2)]
    for burner in burners:
        burner.start()
    try:
        yield
        assert all(burner.is_alive() for burner in burners), "the machine was not busy"
    finally:
        for burner in burners:
            burner.kill()
            burner.join()
