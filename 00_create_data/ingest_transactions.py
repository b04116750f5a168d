"""Take transaction files into the transactions table."""

from datetime import datetime
from pathlib import Path

import click
from dtc_data.core import DtcCommand, DtcError, PostgresSettings, TransactionsError, read_settings
from dtc_data.transactions import QualityReport, load_layout, moment_of


@click.command(cls=DtcCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--layout",
    "layout_path",
    type=click.Path(path_type=Path),
    help="Which column is what. [default: transactions.yaml next to the file]",
)
@click.option("--reports", type=click.Path(path_type=Path), help="Folder for a page about the quality of each file.")
@click.option("--arrived", help="When the files arrived, for lines of days that earlier files covered. [default: now]")
@click.option("--known-as-ordered", is_flag=True, help="Take such lines as known when they were ordered.")
@click.option("--mlflow", "in_mlflow", is_flag=True, help="Keep the quality report in MLflow, too.")
def ingest_transactions(  # noqa: PLR0913, PLR0917 - the arguments of the command
    files: tuple[Path, ...],
    layout_path: Path | None,
    reports: Path | None,
    arrived: str | None,
    known_as_ordered: bool,  # noqa: FBT001 - click passes it by name
    in_mlflow: bool,  # noqa: FBT001 - likewise
) -> None:
    """Judge the lines of FILES (.csv, .xlsx or .parquet) and ingest all of each file, or nothing.

    The table is made if it is missing. Ingesting the same file again changes nothing.
    """
    from dtc_data.tables import make_engine  # noqa: PLC0415 - slow, and a wrong argument needs none of it
    from dtc_data.transactions import ingest_transactions as ingest  # noqa: PLC0415 - likewise

    layout = load_layout(layout_path) if layout_path else None
    arrived_at: datetime | None = moment_of(arrived) if arrived else None
    engine = make_engine(read_settings(PostgresSettings))
    for file in files:
        taken, report = ingest(engine, file, layout, arrived_at=arrived_at, known_as_ordered=known_as_ordered)
        if report:
            click.echo(report.to_text() + "\n")
            if reports:
                write_page(reports / f"{file.name}.html", report.to_html())
            if in_mlflow:
                keep_in_mlflow(file.name, report)
        click.echo(f"{file}: {taken}")


def keep_in_mlflow(name: str, report: QualityReport) -> None:
    """Log a report; the lines are in the table whether or not MLflow takes it."""
    from dtc_model.settings import MlflowSettings  # noqa: PLC0415 - imports what takes seconds
    from dtc_model.training import log_quality_report  # noqa: PLC0415 - likewise

    uri = read_settings(MlflowSettings).tracking_uri
    try:
        log_quality_report(name, report.to_dict(), report.to_text(), report.to_html(), tracking_uri=uri)
    except DtcError as error:
        click.echo(f"The quality report is not in MLflow: {error}", err=True)


def write_page(path: Path, page: str) -> None:
    """Write a page, in a folder that is made if it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise TransactionsError(f"{path}: the report cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    ingest_transactions()
