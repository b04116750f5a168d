"""Score the customers of a wave by recency, frequency and monetary value, from 1 to 5 each."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand, PostgresSettings, Wave, read_settings
from dtc_data.transactions import LOOKBACK_DAYS


@click.command(cls=DtcCommand)
@click.argument("wave")
@click.option(
    "--cuts",
    type=click.Path(path_type=Path),
    default=Path("rfm_cut_points.json"),
    show_default=True,
    help="File of the cut points: read if it is there, else cut on this wave and saved.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="CSV file for the scores. [default: a count of each on the terminal]"
)
@click.option("--lookback-days", type=int, default=LOOKBACK_DAYS, show_default=True, help="Of the wave.")
def rfm_scores(wave: str, cuts: Path, out: Path | None, lookback_days: int) -> None:
    """Score the customers of WAVE, a month like 2011-06; 555 are those who bought last, most often and most."""
    from dtc_data.tables import make_engine, transaction  # noqa: PLC0415 - slow, and a wrong argument needs none of it
    from dtc_data.transactions import frozen_cut_points, load_customer_wave  # noqa: PLC0415 - likewise

    month = Wave.parse(wave)
    with transaction(make_engine(read_settings(PostgresSettings))) as connection:
        customers = load_customer_wave(connection, month, lookback_days)
    points, are_new = frozen_cut_points(cuts, customers, month.end)
    click.echo(f"Cut points {'cut on ' + wave + ' and kept in' if are_new else 'of'} {cuts}")
    scores = points.score(customers)
    if out:
        scores.to_csv(out, index=False)
        click.echo(f"{out}: the scores of {len(scores):,} customers")
        return
    for text, number in scores["rfm"].value_counts().sort_index(ascending=False).items():
        click.echo(f"  {text}  {number:6,}")


if __name__ == "__main__":
    rfm_scores()
