"""The commands of this room that a person or the stack types."""

import json
import sys
from pathlib import Path
from typing import Final

import click
from dtc_data.catalogue import Segmentation, find_segmentation, list_segmentations
from dtc_data.core import DtcGroup, PostgresSettings, Wave, read_settings, segmentation_option
from dtc_model.settings import MlflowSettings
from rich.console import Console

from dtc_monitoring.settings import TelegramSettings

PLAIN_WIDTH: Final = 160
"""Width of the widest table where the output is not a terminal."""


@click.group(cls=DtcGroup)
def main() -> None:
    """Watch the personas."""


@main.command()
@click.option("--table", "table_name", help="Respondent table; the catalogue's by default.")
@segmentation_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def history(table_name: str | None, segmentation: str | None, *, as_json: bool) -> None:
    """Show the waves so far: verdicts, shares, fit and versions, and why shares changed."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - SQLAlchemy and pandas take long to import

    from dtc_monitoring.history import print_history, segment_history  # noqa: PLC0415 - imports what takes seconds

    chosen = find_segmentation(segmentation)
    engine = make_engine(read_settings(PostgresSettings))
    found = segment_history(engine, chosen.catalogue, read_settings(MlflowSettings).tracking_uri, table_name)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        print_history(found, Console(), chosen.command)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def segmentations(*, as_json: bool) -> None:
    """List the segmentations: table, model, waves, version in production, last verdict."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - as in history

    from dtc_monitoring.history import overview_table, segmentation_overview_of  # noqa: PLC0415 - likewise

    engine, mlflow = make_engine(read_settings(PostgresSettings)), read_settings(MlflowSettings)
    overview = segmentation_overview_of(list_segmentations(), engine, mlflow.tracking_uri)
    if as_json:
        click.echo(json.dumps(overview.to_dict(), ensure_ascii=False, indent=2))
        return
    Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(overview_table(overview))
    for what, why in overview.unreachable.items():
        click.echo(f"? The {what} cannot be asked: {why}")
    for name, why in overview.broken.items():
        click.echo(f"{name} cannot be used: {why}")


@main.command("verdict-spark")
@click.argument("source")
@click.argument("reference_wave")
@click.argument("current_wave")
@click.option("--table", help="Name of the table, where SOURCE is the address of a database (jdbc:…).")
@click.option("--master", default="local[*]", show_default=True, help="Where Spark runs.")
@click.option("--memory", default="2g", show_default=True, help="Memory of Spark's driver and executors.")
@click.option("--jar", "jars", type=click.Path(path_type=Path), multiple=True, help="JDBC driver of the database.")
@segmentation_option
def verdict_spark(  # noqa: PLR0913 - the options of the command
    source: str,
    reference_wave: str,
    current_wave: str,
    *,
    table: str | None,
    master: str,
    memory: str,
    jars: tuple[Path, ...],
    segmentation: str | None,
) -> None:
    """Compare CURRENT_WAVE with REFERENCE_WAVE, both in the feature table SOURCE, by Spark, and print the verdict as JSON.

    SOURCE is Parquet, or a database (jdbc:…) with --table, JDBC_USER and JDBC_PASSWORD. Nothing is stored.
    """
    from dtc_monitoring.spark import verdict_of  # noqa: PLC0415 - SciPy, and PySpark may be missing

    waves = Wave.parse(reference_wave), Wave.parse(current_wave)
    catalogue = find_segmentation(segmentation).catalogue
    verdict = verdict_of(source, table, catalogue, waves, master=master, memory=memory, jars=jars)
    click.echo(json.dumps(verdict.to_dict(), ensure_ascii=False, indent=2))


@main.command()
def bot() -> None:
    """Let the chat CHAT_ID decide about candidates, until the bot is stopped."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - SQLAlchemy and MLflow take seconds; --help should not
    from dtc_model.decisions import Decisions  # noqa: PLC0415 - likewise
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415 - likewise

    from dtc_monitoring.alerts import TelegramStore  # noqa: PLC0415 - likewise
    from dtc_monitoring.bot import Counter, Desk, SegmentBot  # noqa: PLC0415 - imports what takes seconds

    settings, mlflow = read_settings(TelegramSettings), read_settings(MlflowSettings)
    engine = make_engine(read_settings(PostgresSettings))
    list_segmentations()  # a wrong setting ends the bot now and not with the first question

    def counter(segmentation: Segmentation) -> Counter:
        registry = ModelRegistry.of(mlflow.tracking_uri, segmentation)
        decisions = Decisions(registry, engine)
        return Counter(segmentation.name, segmentation.title, registry, decisions, segmentation.command)

    def open_desk() -> Desk:
        listed = list_segmentations()  # again, so that a catalogue that was added meanwhile is known
        ordered = sorted(listed.found.values(), key=lambda one: (one.name != listed.default, one.name))
        return Desk(tuple(counter(one) for one in ordered), listed.problems)

    SegmentBot(settings, open_desk, store=TelegramStore(engine)).run()
