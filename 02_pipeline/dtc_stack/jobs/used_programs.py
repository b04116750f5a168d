"""What a job asks of the stack that it runs on, wherever that runs."""

from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from dtc_stack.progress import Progress
from dtc_stack.settings import MageSettings


class UsedPrograms(Protocol):
    """The programs of a stack: those on this machine, or those in containers."""

    @property
    def progress(self) -> Progress:
        """Says what is done."""

    @property
    def mage(self) -> MageSettings:
        """Where Mage is, and how to log in."""

    @property
    def state_folder(self) -> Path:
        """Where a job leaves what it found."""

    def let_pipeline_read(self, folder: Path) -> None:
        """Let the pipeline read the files of a folder, which a job has written for its owner alone."""

    def start_database(self) -> None:
        """Start PostgreSQL."""

    def start(self, *names: str) -> None:
        """Start programs side by side, without waiting for them."""

    def wait(self, *names: str) -> None:
        """Wait until programs are healthy."""

    def engine(self) -> Engine:
        """Return connections to the customer database."""

    def urls(self) -> dict[str, str]:
        """Return the addresses that a person or a program uses."""

    def login(self) -> str:
        """Say how a person logs in to Mage."""
