"""The commands that label a file or a feature table of one's own, by the version in production or the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click
from dtc_data.catalogue import Catalogue, Words, capital, find_segmentation
from dtc_data.core import NamedFile, Wave, read_settings, segmentation_option
from dtc_data.surveys import FileOptions, file_options, written_report
from rich.console import Console
from rich.table import Table

from dtc_service.settings import ServiceSettings

if TYPE_CHECKING:
    from dtc_model.rule import SegmentModel

    from dtc_service.batch import FileLabels
    from dtc_service.spark import SparkLabels

CATALOGUE_VERSION: Final = "catalogue"
"""Version of labels that the catalogue's own centroids give."""


@click.command("label-file")
@click.argument("file", type=NamedFile("FILE", "survey.sav"))
@click.argument("out", type=NamedFile("OUT", "labelled.sav"))
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
    from dtc_service.batch import FileLabeller  # noqa: PLC0415 - pandas, which others need not wait for

    catalogue = find_segmentation(segmentation).catalogue
    model, version = _rule(catalogue, by)
    labeller = FileLabeller(catalogue, model, version, read_settings(ServiceSettings).no_fit_percentile)
    with written_report(report), Console(stderr=True).status("Reading") as status:
        labels = labeller.label(file, out, options, lambda what, rows: status.update(f"{what}: {rows:,} rows"))
    for remark in labels.remarks:
        click.echo(remark, err=True)
    Console().print(_file_table(labels, version, catalogue.words), markup=False)
    click.echo(f"{out}: written, with the columns {', '.join(labels.columns)}")


@click.command("label-spark")
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
    from dtc_model.registry import ServedModel, check_agrees  # noqa: PLC0415 - as in label_file
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
