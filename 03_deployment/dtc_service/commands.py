"""The commands behind ``make label``, ``make predict`` and their kin."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from dtc_data.catalogue import Words, capital, find_segmentation
from dtc_data.core import DtcGroup, read_settings, segmentation_option
from rich.console import Console
from rich.table import Table

from dtc_service.delivery import check_catalogue, new_catalogue
from dtc_service.file_commands import label_file, label_spark
from dtc_service.http import ExampleResponse, new_key, send_examples
from dtc_service.settings import ServiceSettings
from dtc_service.table_commands import export, label


@click.group(cls=DtcGroup)
def main() -> None:
    """Label units."""


for _command in (label, export, label_file, label_spark, new_catalogue, check_catalogue):
    main.add_command(_command)


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
    from dtc_service.serving import find_rule  # noqa: PLC0415 - as in label_file
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
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
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


def _response_table(response: ExampleResponse, words: Words) -> Table:
    names = f"{capital(words.unit)} made near", "Label", capital(words.segment)
    table = Table(*names, caption=f"labelled by version {response.model_version}")
    for near, label_, segment in zip(response.near, response.labels, response.segments, strict=True):
        table.add_row(near, str(label_), segment)
    return table
