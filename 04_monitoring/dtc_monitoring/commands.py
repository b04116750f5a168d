"""The commands of this room that a person or the stack types."""

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.command_line import DtcGroup
from dtc_data.settings import CatalogueSettings, PostgresSettings, read_settings
from dtc_model.settings import MlflowSettings

from dtc_monitoring.settings import TelegramSettings


@click.group(cls=DtcGroup)
def main() -> None:
    """Watch the personas."""


@main.command()
def bot() -> None:
    """Let the chat CHAT_ID decide about candidates, until the bot is stopped."""
    from dtc_data.database import make_engine  # noqa: PLC0415 - SQLAlchemy and MLflow take seconds; --help should not
    from dtc_model.decisions import Decisions  # noqa: PLC0415 - likewise
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415 - likewise

    from dtc_monitoring.bot import PersonaBot  # noqa: PLC0415 - likewise
    from dtc_monitoring.bot_desk import Desk  # noqa: PLC0415 - likewise

    settings, mlflow = read_settings(TelegramSettings), read_settings(MlflowSettings)
    catalogue = load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    engine = make_engine(read_settings(PostgresSettings))

    def open_desk() -> Desk:
        registry = ModelRegistry(mlflow.tracking_uri, catalogue)
        return Desk(registry, Decisions(registry, engine))

    PersonaBot(settings, open_desk).run()
