"""The commands behind ``make label`` and ``make predict``."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click
from dtc_data.catalogue import Catalogue, Words, capital, find_segmentation
from dtc_data.core import DtcGroup, PostgresSettings, Wave, WaveError, read_settings, segmentation_option
from dtc_data.surveys import FileOptions, file_options, written_report
from rich.console import Console
from rich.table import Table

from dtc_service.delivery import check_catalogue, new_catalogue
from dtc_service.http import ExampleResponse, new_key, send_examples
from dtc_service.settings import ServiceSettings

if TYPE_CHECKING:
    from dtc_model.rule import SegmentModel

    from dtc_service.batch import FileLabels, WaveLabels
    from dtc_service.spark import SparkLabels

CATALOGUE_VERSION: Final = "catalogue"
"""Version of labels that the catalogue's own centroids give."""

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@click.group(cls=DtcGroup)
def main() -> None:
    """Label units."""


for _command in (new_catalogue, check_catalogue):
    main.add_command(_command)


@main.command()
@click.argument("wave")
@click.option("--table", "table_name", help="Unit table; the catalogue's by default.")
@segmentation_option
@_as_json
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


@main.command("label-file")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@segmentation_option
@click.option(
    "--by",
    type=click.Choice(["production", "catalogue"]),
    help="Who labels. The version in production if there is one that can be reached, else the catalogue, if not given.",
)
@file_options
def label_file(  # noqa: PLR0913 - the options of the command
    file: Path,
    out: Path,
    segmentation: str | None,
    by: Literal["production", "catalogue"] | None,
    *,
    options: FileOptions,
    report: Path | None,
) -> None:
    """Write the survey FILE again to OUT, with the label of each unit in columns behind its own.

    FILE is CSV, Excel (.xlsx), SPSS (.sav) or Parquet, and OUT another file of the same kind. No stack is needed where the
    catalogue alone labels; then the column model_version says catalogue.
    """
    from dtc_service.batch import FileLabeller  # noqa: PLC0415 - as in label

    catalogue = find_segmentation(segmentation).catalogue
    model, version = _rule(catalogue, by)
    labeller = FileLabeller(catalogue, model, version, read_settings(ServiceSettings).no_fit_percentile)
    with written_report(report), Console(stderr=True).status("Reading") as status:
        labels = labeller.label(file, out, options, lambda what, rows: status.update(f"{what}: {rows:,} rows"))
    for remark in labels.remarks:
        click.echo(remark, err=True)
    Console().print(_file_table(labels, version, catalogue.words), markup=False)
    click.echo(f"{out}: written, with the columns {', '.join(labels.columns)}")


@main.command()
@click.argument("wave")
@click.argument("out", type=click.Path(path_type=Path))
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


@main.command("label-spark")
@click.argument("source")
@click.argument("out")
@click.option("--table", help="Table to label, where SOURCE is the address of a database (jdbc:…).")
@click.option("--out-table", help="Table to make, where OUT is the address of a database.")
@click.option("--wave", help="Month to label, like 2025-04; everybody by default.")
@click.option("--by", type=click.Choice(["production", "catalogue"]), help="Who labels; as for label-file.")
@click.option("--master", default="local[*]", show_default=True, help="Where Spark runs.")
@click.option("--memory", default="2g", show_default=True, help="Memory of Spark's driver and executors.")
@click.option("--jar", "jars", type=click.Path(path_type=Path), multiple=True, help="JDBC driver of the database.")
@segmentation_option
def label_spark(  # noqa: PLR0913 - the options of the command
    source: str,
    out: str,
    *,
    table: str | None,
    out_table: str | None,
    wave: str | None,
    by: Literal["production", "catalogue"] | None,
    master: str,
    memory: str,
    jars: tuple[Path, ...],
    segmentation: str | None,
) -> None:
    """Label the feature table SOURCE by Spark into OUT: Parquet, or a table of a database (jdbc:…, JDBC_USER, JDBC_PASSWORD)."""
    from dtc_service.spark import label_with_spark, unit_source  # noqa: PLC0415 - pandas, and PySpark may be missing

    catalogue = find_segmentation(segmentation).catalogue
    rule = _rule(catalogue, by)
    labels = label_with_spark(
        unit_source(source, table),
        unit_source(out, out_table),
        catalogue,
        rule,
        wave=Wave.parse(wave) if wave else None,
        master=master,
        memory=memory,
        jars=jars,
    )
    Console().print(_file_table(labels, rule[1], catalogue.words), markup=False)
    click.echo(f"{out}: written")


def _rule(catalogue: Catalogue, by: str | None) -> "tuple[SegmentModel, str]":
    """Return the model that labels, and what is said to be its version."""
    from dtc_model.registry import ServedModel, check_agrees  # noqa: PLC0415 - as in label
    from dtc_model.rule import SegmentModel  # noqa: PLC0415 - likewise

    from dtc_service.serving import find_rule, registry_reader  # noqa: PLC0415 - likewise

    if by == "catalogue":
        return SegmentModel.from_catalogue(catalogue), CATALOGUE_VERSION
    if by == "production":
        with registry_reader(catalogue) as reader:
            served = reader.fetch(reader.production_version())
    else:
        rule = find_rule(catalogue)
        if rule.version is None:
            click.echo(f"The catalogue's own centroids label, since {rule.why_catalogue}", err=True)
            return rule.model, CATALOGUE_VERSION
        served = ServedModel(rule.version, rule.model)
    check_agrees(served, catalogue)
    return served.model, served.version


@main.command("typing-tool")
@click.argument("out", type=click.Path(path_type=Path))
@segmentation_option
@click.option(
    "--rows",
    type=click.IntRange(1, 20_000),
    default=1_000,
    show_default=True,
    help="How many respondents a pasted list may have.",
)
def typing_tool(out: Path, segmentation: str | None, rows: int) -> None:
    """Write an Excel workbook to OUT that types respondents by formulas alone.

    It holds the rule of the version in production. Where none is, or the registry cannot be reached, it holds the
    catalogue's own centroids, and says so.
    """
    from dtc_service.serving import find_rule  # noqa: PLC0415 - as in label
    from dtc_service.workbook import WorkbookContent, write_typing_tool  # noqa: PLC0415 - openpyxl, likewise

    found = find_segmentation(segmentation)
    rule = find_rule(found.catalogue)
    content = WorkbookContent(found.catalogue, rule.model, rule.version)
    write_typing_tool(content, out, rows=rows)
    click.echo(f"{out}: types one {found.catalogue.words.unit} or a list of up to {rows:,} by {content.source}")
    if rule.why_catalogue:
        click.echo(f"The catalogue's own centroids were taken, since {rule.why_catalogue}", err=True)


@main.command("new-key")
@click.argument("name")
def new_key_(name: str) -> None:
    """Make an API key for NAME, and the line that lets it in; the key is shown this once and kept nowhere."""
    key, line = new_key(name)
    click.echo(f"Give this key to {name}: {key}")
    click.echo(f"Add this line to the file that SERVICE_API_KEYS_FILE names: {line}")


@main.command()
@segmentation_option
@_as_json
def predict(segmentation: str | None, *, as_json: bool) -> None:
    """Send one unit near each segment to the running service."""
    settings = read_settings(ServiceSettings)
    found = find_segmentation(segmentation)
    response = send_examples(settings.service_url, found, settings.api_key)
    _show(asdict(response), _response_table(response, found.catalogue.words), as_json=as_json)


def _show(values: dict[str, object], table: Table, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False, indent=2))
    else:
        Console().print(table, markup=False)  # names may hold brackets


def _file_table(labels: "FileLabels | SparkLabels", version: str, words: Words) -> Table:
    labelled = labels.units - labels.unlabelled
    note = f"{labels.unlabelled:,} left answers out and stay without one" if labels.unlabelled else ""
    by = "the catalogue" if version == CATALOGUE_VERSION else f"version {version}"
    table = Table(
        capital(words.segment), title=f"{labelled:,} of {labels.units:,} {words.units} labelled by {by}", caption=note
    )
    table.add_column(capital(words.units), justify="right")
    table.add_column("Share", justify="right")
    for name, count in labels.counts.items():
        table.add_row(name, f"{count:,}", f"{count / max(1, labelled):.1%}")
    return table


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
    table.add_column("Share", justify="right")
    for name, count in labels.counts.items():
        table.add_row(name, str(count), f"{labels.shares[name]:.1%}")
    return table


def _response_table(response: ExampleResponse, words: Words) -> Table:
    names = f"{capital(words.unit)} made near", "Label", capital(words.segment)
    table = Table(*names, caption=f"labelled by version {response.model_version}")
    for near, label_, segment in zip(response.near, response.labels, response.segments, strict=True):
        table.add_row(near, str(label_), segment)
    return table
