"""Progress on the terminal: a line when a step begins to take time, and a line with its duration when it ends."""

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.console import Console

PLAIN_WIDTH = 120
"""Width of a line where the output is not a terminal, such as a log of CI."""


class Progress:
    """Writes the steps of long work as they happen; on a terminal the current step shows a running clock."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step while the block runs, and how long it took."""
        started = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(f"{name} …"):
                yield
        else:
            self.console.print(f"… {name}")
            yield
        self.console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")

    def say(self, text: str) -> None:
        """Write one line."""
        self.console.print(text, markup=False)

    def headline(self, text: str) -> None:
        """Write a line that opens a part of the work."""
        self.console.print(f"\n[bold]{text}[/]")
