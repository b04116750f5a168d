"""Make the transactions of some months with planted customer types, seasons and every problem that lines can have."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand, Wave
from dtc_data.synthetic import SPOILS, write_planted_transactions


@click.command(cls=DtcCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--customers", type=int, default=1_000, show_default=True, help="How many customers.")
@click.option("--first", default="2024-01", show_default=True, help="The first month.")
@click.option("--months", type=int, default=18, show_default=True, help="How many months.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same lines.")
@click.option("--problems/--no-problems", default=True, show_default=True, help="Plant problems that lines can have.")
@click.option("--spoil", type=click.Choice(list(SPOILS)), help="Plant a problem for which the file is refused.")
def create_transactions(  # noqa: PLR0913, PLR0917 - the arguments of the command
    file: Path,
    customers: int,
    first: str,
    months: int,
    seed: int,
    problems: bool,  # noqa: FBT001 - click passes it by name
    spoil: str | None,
) -> None:
    """Write the transactions to FILE (.csv or .parquet).

    Next to it go transactions.yaml, which says how to read it, and NAME.truth.json, the truth about customers and problems.
    """
    truth = write_planted_transactions(file, customers, Wave.parse(first), months, seed, problems=problems, spoil=spoil)
    spoiled = f", spoiled by: {spoil}" if spoil else ""
    click.echo(
        f"{file}: {truth['lines']} lines of {customers} customers from {first} on, seed {seed}, "
        f"{len(truth['problems'])} problems planted{spoiled}"
    )


if __name__ == "__main__":
    create_transactions()
