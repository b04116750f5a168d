"""The commands on what a vendor delivered: ``make new_catalogue`` and ``make check_catalogue``."""

import json
import shlex
from pathlib import Path
from typing import Literal

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import DtcCommand, NamedFile, segmentation_option
from rich.console import Console


@click.command("new-catalogue", cls=DtcCommand)
@click.argument("delivered", type=NamedFile("FROM", "delivered.xlsx"))
@click.argument("out", type=NamedFile("OUT", "my_survey.yaml"))
@click.option(
    "--label", metavar="COLUMN", help="Column with the vendor's segments, if DELIVERED holds labelled answers."
)
@click.option(
    "--segments-in",
    type=click.Choice(["rows", "columns"]),
    help="Of a table of typical answers; found out if not given.",
)
def new_catalogue(
    delivered: Path, out: Path, label: str | None, segments_in: Literal["rows", "columns"] | None
) -> None:
    """Draft a catalogue OUT from what the vendor DELIVERED, with what was assumed as comments.

    DELIVERED is a CSV, Excel, SPSS or Parquet file: a table of typical answers, with mean and sd of each feature if they are z-scores, or
    with --label a survey whose respondents the vendor has labelled.
    """
    # Imported late, as they need NumPy and pandas: other commands start without.
    from dtc_service.delivery.catalogue_text import write_catalogue  # noqa: PLC0415 - see above
    from dtc_service.delivery.centroid_table import draft_from_centroids  # noqa: PLC0415
    from dtc_service.delivery.delivered_table import read_table  # noqa: PLC0415
    from dtc_service.delivery.labelled_survey import draft_from_labels  # noqa: PLC0415

    table = read_table(delivered, label)
    draft = draft_from_labels(table, label) if label else draft_from_centroids(table, segments_in)
    catalogue = write_catalogue(draft, out)
    click.echo(f"{out}: {len(catalogue.features)} features, {len(catalogue.segments)} segments, from {draft.source}")
    click.echo("Assumed, as its comments say; correct what is wrong:")
    for assumption in draft.assumptions:
        click.echo(f"• {assumption}")
    named = shlex.quote(str(out))
    check = f"make check_catalogue FILE={shlex.quote(str(delivered)) if label else 'labelled.csv LABEL=column'} SEGMENTATION={named}"
    click.echo(f"Next: {check}")


@click.command("check-catalogue", cls=DtcCommand)
@click.argument("file", type=NamedFile("FILE", "labelled.csv"))
@segmentation_option
@click.option("--label", metavar="COLUMN", help="Column with the vendor's segments; the catalogue's by default.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the same as a page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def check_catalogue(
    file: Path, segmentation: str | None, label: str | None, html: Path | None, *, as_json: bool
) -> None:
    """Compare the catalogue with the vendor's own labels in FILE: agreement, who differs, features that hardly matter.

    No stack is needed. The vendor's labels are ids or codes of the catalogue, in the column of the segment or COLUMN.
    """
    # Imported late, as in new_catalogue.
    from dtc_service.delivery.agreement import compare_with_vendor  # noqa: PLC0415 - see above
    from dtc_service.delivery.agreement_tables import print_agreement  # noqa: PLC0415
    from dtc_service.delivery.vendor_labels import read_vendor_labels  # noqa: PLC0415

    catalogue = find_segmentation(segmentation).catalogue
    found = compare_with_vendor(read_vendor_labels(file, catalogue, label), catalogue)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    console = Console(record=html is not None)
    print_agreement(found, console)
    if html is not None:
        html.write_text(console.export_html(), encoding="utf-8")
