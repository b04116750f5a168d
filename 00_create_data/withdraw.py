"""Take a wave out of the table of a segmentation; its rows stay in the record."""

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import DtcCommand, PostgresSettings, Wave, read_settings, segmentation_option
from dtc_data.tables import UnitTable, make_engine, transaction, withdraw_wave


@click.command(cls=DtcCommand)
@click.argument("wave")
@click.option("--by", required=True, help="Who decided.")
@click.option("--why", required=True, help="For what reason.")
@segmentation_option
def withdraw(wave: str, by: str, why: str, segmentation: str | None) -> None:
    """Withdraw WAVE, a month like 2025-02, so that a corrected file can be ingested.

    The old rows stay in the tables withdrawn_waves and withdrawn_units. Verdicts and labels that rested on them are marked in
    history and report.
    """
    found = find_segmentation(segmentation)
    units = UnitTable(found.catalogue)
    with transaction(make_engine(read_settings(PostgresSettings))) as connection:
        done = withdraw_wave(connection, units, Wave.parse(wave), by=by, why=why)
    counted = found.catalogue.words.units_counted(done.units)
    click.echo(
        f"{units.name}: {counted} of {done.wave} withdrawn by {done.by} ({done.why}); the rows stay in the record"
    )
    click.echo(f"Then: {found.command('ingest FILE=corrected.csv')}")
    click.echo(f"and check and label again: {found.command(f'label WAVE={done.wave}')}")


if __name__ == "__main__":
    withdraw()
