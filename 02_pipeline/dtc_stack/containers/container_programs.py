"""The programs in containers, as a job uses them from outside."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dtc_data.core import PostgresSettings, read_settings

from dtc_stack.addresses import login, pages
from dtc_stack.containers.compose import CONTAINERS_FOLDER, ComposeStack
from dtc_stack.progress import Progress
from dtc_stack.settings import StackSettings

if TYPE_CHECKING:
    from sqlalchemy import Engine


_CLOSED: Final = 0o700
_OPEN_FOLDER: Final = 0o755
_OPEN_FILE: Final = 0o644


@dataclass(frozen=True)
class ContainerPrograms:
    """The stack in containers, reached by its published ports; the pipeline runs in it.

    Files of people, such as transactions and catalogues, are read and written here, where they are.
    """

    compose: ComposeStack
    mage: StackSettings

    @property
    def progress(self) -> Progress:
        """Says what is done."""
        return self.compose.progress

    @property
    def state_folder(self) -> Path:
        """Where a job leaves what it found, apart from that of the stack on this machine."""
        return self.mage.state_folder / CONTAINERS_FOLDER

    def let_pipeline_read(self, folder: Path) -> None:
        """Let the user in Mage's container read a folder's files; outside, the folder of the state keeps others away."""
        self.state_folder.chmod(_CLOSED)
        for path in (folder.parent, folder, *folder.iterdir()):
            path.chmod(_OPEN_FOLDER if path.is_dir() else _OPEN_FILE)

    def start_database(self) -> None:
        """Start PostgreSQL, and with it all others: compose waits until they are healthy."""
        self.compose.start()

    def start(self, *names: str) -> None:
        """Do nothing: they were started with the database."""

    def wait(self, *names: str) -> None:
        """Do nothing: they are healthy."""

    def engine(self) -> "Engine":
        """Return connections to the customer database."""
        from dtc_data.tables import make_engine  # noqa: PLC0415 - imports SQLAlchemy, which `stop` need not wait for

        return make_engine(read_settings(PostgresSettings))

    def urls(self) -> dict[str, str]:
        """Return the addresses that a person or a program uses."""
        return pages(self.mage)

    def login(self) -> str:
        """Say how a person logs in to Mage."""
        return login(self.mage)
