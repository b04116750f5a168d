"""Move a unit to another segment, whatever its features say; the move survives every refit of the model."""

import click
from dtc_data.catalogue import Catalogue, find_segmentation
from dtc_data.core import DtcCommand, PostgresSettings, SettingsError, Wave, read_settings, segmentation_option
from dtc_data.tables import UnitTable, make_engine, move_unit, transaction

TAKE_BACK = "none"
"""Stands for no segment: what the features say counts again."""


@click.command(cls=DtcCommand)
@click.argument("unit")
@click.option("--to", required=True, help=f"Name or id of the segment; {TAKE_BACK} takes an earlier move back.")
@click.option("--since", help="First wave for which it holds, such as 2025-03. [default: the last one in the table]")
@click.option("--by", required=True, help="Who decided.")
@click.option("--why", required=True, help="For what reason.")
@segmentation_option
def move(  # noqa: PLR0913, PLR0917 - the options of the command
    unit: str, to: str, since: str | None, by: str, why: str, segmentation: str | None
) -> None:
    """Move UNIT, such as a store, to another segment from a wave on.

    The move labels the unit from then on, a refit takes it as given, and it is told when the unit's features contradict it
    for two waves.
    """
    found = find_segmentation(segmentation)
    catalogue, table = found.catalogue, UnitTable(found.catalogue)
    segment = None if to.strip() == TAKE_BACK else _segment(catalogue, to.strip())
    with transaction(make_engine(read_settings(PostgresSettings))) as connection:
        table.require(connection)
        waves = table.waves(connection)
        wave = Wave.parse(since) if since else (waves or [Wave(1, 1)])[-1]
        if not waves or unit not in set(table.load(connection, wave)["unit_id"].astype(str)):
            raise SettingsError(f"table {table.name!r} has no {catalogue.words.unit} {unit!r} in wave {wave}")
        done = move_unit(connection, table.name, unit, segment, wave, by=by, why=why)
    names = dict(zip(catalogue.segment_ids, catalogue.segment_names, strict=True))
    where = "is where its features put it" if segment is None else f"belongs to {names[segment]}"
    click.echo(f"{unit} {where} from {done.since} on, by {done.by} ({done.why})")
    click.echo(f"Then: {found.command(f'label WAVE={done.since}')}")


def _segment(catalogue: Catalogue, given: str) -> int:
    by_name = dict(zip(catalogue.segment_names, catalogue.segment_ids, strict=True))
    by_id = {str(id_): id_ for id_ in catalogue.segment_ids}
    if given not in by_name | by_id:
        raise SettingsError(
            f"there is no {catalogue.words.segment} {given!r}: there are {', '.join(by_name)}, and {TAKE_BACK} takes a move back"
        )
    return (by_id | by_name)[given]


if __name__ == "__main__":
    move()
