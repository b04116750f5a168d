"""The commands about waves: a run of a pipeline, forecasts, and who moved."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from dtc_data import Wave
from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import DtcError, PostgresSettings, read_settings, segmentation_option

from dtc_stack.progress import Progress
from dtc_stack.settings import StackSettings

if TYPE_CHECKING:
    from dtc_stack.mage import BlockState, MageClient, RunState


@click.command()
@click.argument("wave")
@click.option("--out", type=click.Path(path_type=Path), help="A .csv, .xlsx or .parquet file of the forecasts.")
def forecast(wave: str, out: Path | None) -> None:
    """Forecast who of a WAVE like 2017-11 leaves, and hold earlier forecasts to account."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - as in run

    from dtc_stack.jobs import forecast_wave  # noqa: PLC0415 - as in run

    for line in forecast_wave(make_engine(read_settings(PostgresSettings)), Wave.parse(wave), out):
        click.echo(line)


@click.command()
@click.argument("wave", required=False)
def forecast_pipeline(wave: str | None) -> None:
    """Start the pipeline that forecasts the customers of a WAVE like 2017-11, the month just ended if none is named, and follow it."""
    # Mage's settings, which `stop` and `status` need not wait for.
    from dtc_stack.mage import FORECAST_PIPELINE, MageClient, settings_here  # noqa: PLC0415

    chosen = {"current_wave": str(Wave.parse(wave))} if wave else {}
    with MageClient.from_settings(read_settings(StackSettings)) as mage:
        mage.log_in()
        mage.run(
            {"caller_settings": settings_here()} | chosen,
            _print_block,
            lambda run_id: click.echo(f"Run {run_id} started: {mage.page(run_id, FORECAST_PIPELINE)}"),
            FORECAST_PIPELINE,
        )
        click.echo("Completed. `make forecast_versions` shows what is in production.")


@click.command()
@click.option("--reference", required=True, help="Reference wave, such as 2025-01.")
@click.option("--current", help="Current wave, such as 2025-03; without it the month just ended.")
@click.option("--training-data", type=click.Choice(["current", "reference"]), default="current", show_default=True)
@segmentation_option
def pipeline(reference: str, current: str | None, training_data: str, segmentation: str | None) -> None:
    """Start a pipeline run through Mage's trigger, follow it block by block, and say what it found and did."""
    # Mage's settings, which `stop` and `status` need not wait for.
    from dtc_stack.mage import MageClient, caller_variables, pipeline_of  # noqa: PLC0415

    chosen = find_segmentation(segmentation)
    variables = caller_variables(chosen, reference_wave=reference, current_wave=current, training_data=training_data)
    name = pipeline_of(chosen)
    _ask_where_results_lie()
    with MageClient.from_settings(read_settings(StackSettings)) as mage:
        mage.log_in()
        ended = mage.run(
            variables,
            _print_block,
            lambda run_id: click.echo(f"Run {run_id} for {chosen.title} started: {mage.page(run_id, name)}"),
            name,
        )
        click.echo("Completed.")
        _tell(ended, mage, chosen, reference, current)


def _ask_where_results_lie() -> None:
    """Raise if Postgres or MLflow does not answer by this command's settings, before a run is started whose result it could not read."""
    from dtc_data.tables import transaction  # noqa: PLC0415 - imports what takes seconds
    from dtc_model.registry import connect  # noqa: PLC0415 - likewise

    from dtc_stack.jobs import engine_and_tracking  # noqa: PLC0415 - likewise

    engine, tracking_uri = engine_and_tracking()
    with transaction(engine):
        pass
    connect(tracking_uri)


def _print_block(block: "BlockState") -> None:
    click.echo(f"  {block.name}: {block.words}")


def _tell(ended: "RunState", mage: "MageClient", chosen: Segmentation, reference: str, current: str | None) -> None:
    """Say what a run found and did; that this cannot be read does not make the run a failed one."""
    from dtc_stack.jobs import MainJob, tell  # noqa: PLC0415 - imports what takes seconds

    compared, given = Wave.parse(reference), Wave.parse(current) if current else None
    try:
        outcome = MainJob.from_settings(chosen, mage, Progress()).outcome_of(ended, compared, given)
    except DtcError as error:
        click.echo(f"What it found cannot be read: {error}", err=True)
        return
    for line in tell(outcome, compared):
        click.echo(line)


@click.command()
@click.option("--from", "first", required=True, help="First wave, such as 2011-06.")
@click.option("--to", "last", required=True, help="Last wave, such as 2011-11.")
@click.option("--customer", help="Follow this one customer: which segments it was in, and why it moved.")
@segmentation_option
def movement(first: str, last: str, customer: str | None, segmentation: str | None) -> None:
    """Say which units moved from which segment to which, wave by wave, and why; write table and picture."""
    from dtc_monitoring.movement import movement_lines, path_lines  # noqa: PLC0415 - imports what takes seconds

    from dtc_stack.jobs import engine_and_tracking, keep_movement, movement_between  # noqa: PLC0415 - likewise

    months = Wave.parse(first), Wave.parse(last)
    chosen = find_segmentation(segmentation)
    found = movement_between(chosen, *engine_and_tracking(), *months)
    if customer is not None:
        for line in path_lines(found, customer) or [f"No wave from {first} to {last} holds the customer {customer}."]:
            click.echo(line)
        return
    for one in found:
        click.echo("\n".join(movement_lines(one, chosen.catalogue.words)))
    files = keep_movement(found, chosen, read_settings(StackSettings).state_folder / "movement")
    click.echo(f"Table: {files.table}\nPicture: {files.picture}\nMLflow: {files.page}")
