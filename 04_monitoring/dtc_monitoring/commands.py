"""The commands of this room that a person or the stack types."""

import json

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.core import CatalogueSettings, DtcGroup, PostgresSettings, read_settings
from dtc_model.settings import MlflowSettings
from rich.console import Console

from dtc_monitoring.settings import TelegramSettings


@click.group(cls=DtcGroup)
def main() -> None:
    """Watch the personas."""


@main.command()
@click.option("--table", "table_name", help="Respondent table; the catalogue's by default.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def history(table_name: str | None, as_json: bool) -> None:  # noqa: FBT001 - a flag, given by name
    """Show the waves so far: verdicts, shares, fit and versions, and why shares changed."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - SQLAlchemy and pandas take long to import

    from dtc_monitoring.history import print_history, segment_history  # noqa: PLC0415 - imports what takes seconds

    catalogue = load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    engine = make_engine(read_settings(PostgresSettings))
    found = segment_history(engine, catalogue, read_settings(MlflowSettings).tracking_uri, table_name)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        print_history(found, Console())


@main.command()
def bot() -> None:
    """Let the chat CHAT_ID decide about candidates, until the bot is stopped."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - SQLAlchemy and MLflow take seconds; --help should not
    from dtc_model.decisions import Decisions  # noqa: PLC0415 - likewise
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415 - likewise

    from dtc_monitoring.alerts import TelegramStore  # noqa: PLC0415 - likewise
    from dtc_monitoring.bot import Desk, SegmentBot  # noqa: PLC0415 - imports what takes seconds

    settings, mlflow = read_settings(TelegramSettings), read_settings(MlflowSettings)
    catalogue = load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    engine = make_engine(read_settings(PostgresSettings))

    def open_desk() -> Desk:
        registry = ModelRegistry(mlflow.tracking_uri, catalogue)
        return Desk(registry, Decisions(registry, engine))

    SegmentBot(settings, open_desk, store=TelegramStore(engine)).run()
