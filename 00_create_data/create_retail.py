"""Make the files of a planted retailer: stores, products, three years of sales, stock, and the truth beside them."""

import time
from datetime import datetime
from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_data.stores import FORMATS, NOISE_LEVELS, RetailPlan, write_planted_retailer

DEFAULTS = RetailPlan()
MEGABYTE = 1e6


@click.command(cls=DtcCommand)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--stores", type=int, default=DEFAULTS.n_stores, show_default=True, help="Number of stores.")
@click.option(
    "--noise", type=click.Choice(list(NOISE_LEVELS)), default=DEFAULTS.noise, show_default=True,
    help="How far stores stray from their archetype.",
)  # fmt: skip
@click.option("--seed", type=int, default=DEFAULTS.seed, show_default=True, help="The same seed makes the same files.")
@click.option(
    "--lines-per-week", type=float, default=DEFAULTS.lines_per_week, show_default=True,
    help="Sales lines of an average store.",
)  # fmt: skip
@click.option("--products", type=int, default=DEFAULTS.n_products, show_default=True, help="Number of products.")
@click.option(
    "--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), default=str(DEFAULTS.first_day), show_default=True
)
@click.option("--to", "last_day", type=click.DateTime(["%Y-%m-%d"]), default=str(DEFAULTS.last_day), show_default=True)
@click.option(
    "--missing-sizes", type=float, default=DEFAULTS.missing_sizes, show_default=True,
    help="Share of stores without a size.",
)  # fmt: skip
@click.option(
    "--dirty", type=float, default=DEFAULTS.dirty_lines, show_default=True, help="Share of sales lines that are spoilt."
)
@click.option(
    "--format", "formats", type=click.Choice(FORMATS), multiple=True, default=FORMATS[:1], show_default=True,
    help="May be given twice for both.",
)  # fmt: skip
def create_retail(  # noqa: PLR0913, PLR0917 - the options of the command
    folder: Path,
    stores: int,
    noise: str,
    seed: int,
    lines_per_week: float,
    products: int,
    first_day: datetime,
    last_day: datetime,
    missing_sizes: float,
    dirty: float,
    formats: tuple[str, ...],
) -> None:
    """Write the files of a planted retailer into FOLDER, with a retail.yaml that reads them.

    truth.csv holds the archetype and the tier of each store, truth.json the archetypes and the number of spoilt lines.
    """
    plan = RetailPlan(
        stores, noise, seed, lines_per_week, products, first_day.date(), last_day.date(), missing_sizes, dirty
    )
    start = time.perf_counter()
    rows = write_planted_retailer(plan, folder, formats, lambda said: click.echo(said, err=True))
    size = sum((folder / f"{name}.{ending}").stat().st_size for name in rows for ending in formats) / MEGABYTE
    counts = ", ".join(f"{count:,} rows of {name}" for name, count in rows.items())
    click.echo(f"{folder}: {counts}; {size:,.1f} MB in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    create_retail()
