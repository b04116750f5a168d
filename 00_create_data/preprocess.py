"""Make a raw file into one that features are made from: transactions, or a flat table of customers."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand, SettingsError

PLAN = ".plan.json"
REPORT = ".quality.html"


@click.command(cls=DtcCommand)
@click.option("--input", "source", type=click.Path(path_type=Path), required=True, help="CSV, Excel or Parquet.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="CSV or Parquet.")
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Of a flat table: config/preprocess_config.yaml."
)
@click.option(
    "--table",
    type=click.Choice(["auto", "transactions", "customers"]),
    default="auto",
    show_default=True,
    help="What the file holds.",
)
@click.option("--layout", type=click.Path(path_type=Path), help="Of transactions: which column is what.")
@click.option(
    "--plan", type=click.Path(path_type=Path), help="Of a flat table: learn nothing, use what was learned before."
)
def preprocess(  # noqa: PLR0913, PLR0917 - click passes what a person typed
    source: Path, output: Path, config_path: Path | None, table: str, layout: Path | None, plan: Path | None
) -> None:
    """Check, clean and type the rows of a file.

    Transactions keep the lines that count, and a page about their quality is written beside. A flat table of
    customers becomes numbers, by a plan that is learned from its training part and written beside.
    """
    if table == "transactions" or (table == "auto" and (layout is not None or _holds_transactions(source))):
        _transactions(source, output, layout)
    else:
        _customers(source, output, config_path, plan)


def _holds_transactions(source: Path) -> bool:
    from dtc_data.transactions import is_transaction_file  # noqa: PLC0415 - slow, and --help needs none of it

    return is_transaction_file(source)


def _transactions(source: Path, output: Path, layout: Path | None) -> None:
    from dtc_data.transactions import read_lines, write_clean_lines  # noqa: PLC0415 - likewise

    lines, report = read_lines(source, layout)
    write_clean_lines(lines, output)
    output.with_suffix(REPORT).write_text(report.to_html(), encoding="utf-8")
    click.echo(report.to_text())
    click.echo(f"{output}: {len(lines):,} lines that count; {output.with_suffix(REPORT)} tells about the others")


def _customers(source: Path, output: Path, config_path: Path | None, plan_path: Path | None) -> None:
    from dtc_data.customers import (  # noqa: PLC0415 - likewise
        PreprocessConfig,
        load_preprocess_config,
        preprocess_customers,
        read_customers,
        read_plan,
    )

    if output.suffix not in {".csv", ".parquet"}:
        raise SettingsError(f"{output}: customers are written as .csv or .parquet")
    config = load_preprocess_config(config_path) if config_path else PreprocessConfig()
    made = preprocess_customers(read_customers(source), config, read_plan(plan_path) if plan_path else None)
    if output.suffix == ".csv":
        made.customers.to_csv(output, index=False)
    else:
        made.customers.to_parquet(output, index=False)
    for note in made.notes:
        click.echo(note)
    if plan_path is None:
        output.with_suffix(PLAN).write_text(made.plan.to_json(), encoding="utf-8")
        click.echo(f"{output.with_suffix(PLAN)}: what was learned; use it with --plan for customers of another day")
    click.echo(f"{output}: {len(made.customers):,} customers")


if __name__ == "__main__":
    preprocess()
