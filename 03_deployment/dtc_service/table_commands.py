"""The commands that label waves in the database, and write them out with their labels."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
from dtc_data.catalogue import Words, capital, find_segmentation
from dtc_data.core import NamedFile, PostgresSettings, Wave, WaveError, read_settings, segmentation_option
from rich.console import Console
from rich.table import Table

from dtc_service.settings import ServiceSettings

if TYPE_CHECKING:
    from dtc_service.batch import WaveLabels


@click.command()
@click.argument("wave")
@click.option("--table", "table_name", help="Unit table; the catalogue's by default.")
@segmentation_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def label(wave: str, table_name: str | None, segmentation: str | None, *, as_json: bool) -> None:
    """Label the units of WAVE, a month like 2025-04 or all of them by ``all``, in the database."""
    # The service's image has the other commands and no way to the database.
    from dtc_data.tables import (  # noqa: PLC0415
        UnitTable,
        make_engine,
        transaction,
    )

    from dtc_service.batch import label_wave  # noqa: PLC0415
    from dtc_service.serving import registry_reader  # noqa: PLC0415

    named = None if wave == "all" else Wave.parse(wave)
    catalogue = find_segmentation(segmentation).catalogue
    table = UnitTable(catalogue, table_name)
    engine = make_engine(read_settings(PostgresSettings))
    with registry_reader(catalogue) as reader:
        served = reader.fetch(reader.production_version())
    with transaction(engine) as connection:
        waves = [named] if named else table.waves(connection)
    done = []
    for one in waves:
        with transaction(engine) as connection:
            labels = label_wave(connection, table, one, served)
        done.append(labels.to_dict())
        if not as_json:
            Console().print(_shares_table(labels, catalogue.words), markup=False)
    if as_json:
        click.echo(json.dumps(done[0] if named else done, ensure_ascii=False, indent=2))


@click.command()
@click.argument("wave")
@click.argument("out", type=NamedFile("OUT", "labelled.sav"))
@click.option("--table", "table_name", help="Unit table; the catalogue's by default.")
@segmentation_option
def export(wave: str, out: Path, table_name: str | None, segmentation: str | None) -> None:
    """Write the units of WAVE, or of all waves by ``all``, with their labels from the database to OUT (.csv, .xlsx, .sav, .parquet).

    Runner-up, margin, probability, fit and status are by the version that gave the label.
    """
    from dtc_data.files import refuse_more_rows, write_frames  # noqa: PLC0415 - as in label
    from dtc_data.tables import UnitTable, make_engine, transaction  # noqa: PLC0415 - likewise

    from dtc_service.batch import export_waves  # noqa: PLC0415 - likewise
    from dtc_service.serving import registry_reader  # noqa: PLC0415 - likewise

    named = None if wave == "all" else Wave.parse(wave)
    catalogue = find_segmentation(segmentation).catalogue
    table = UnitTable(catalogue, table_name)
    percentile = read_settings(ServiceSettings).no_fit_percentile
    with transaction(make_engine(read_settings(PostgresSettings))) as connection, registry_reader(catalogue) as reader:
        waves = [named] if named else table.waves(connection)
        if not waves:
            raise WaveError(f"table {table.name!r} holds no {catalogue.words.units}; ingest them first")
        found = export_waves(connection, table, waves, cache(reader.fetch), percentile)
        refuse_more_rows(out, found.units, found.n_columns)
        units = write_frames(found.blocks, out, found.described)
    click.echo(f"{out}: {units:,} {catalogue.words.units} of {len(waves)} wave{'' if len(waves) == 1 else 's'} written")


def _shares_table(labels: "WaveLabels", words: Words) -> Table:
    by = f"by version {labels.model_version}"
    of_all = f"of {labels.units} {words.units}"
    notes = [f"{labels.first} {of_all} labelled for the first time {by}"] if labels.first else []
    if labels.relabelled or not labels.first:
        notes.append(f"{labels.relabelled} {of_all} changed {by}")
    if labels.kept_vendor_labels:
        notes.append(f"{labels.kept_vendor_labels} keep the vendor's {words.segment}")
    if labels.unlabelled:
        notes.append(f"{labels.unlabelled} have too few answers and stay without one")
    table = Table(capital(words.segment), title=f"Wave {labels.wave}", caption="; ".join(notes))
    table.add_column(capital(words.units), justify="right")
    table.add_column("Share" if labels.weights is None else "Weighted share", justify="right")
    for name, count in labels.counts.items():
        table.add_row(name, str(count), f"{labels.shares[name]:.1%}")
    return table
