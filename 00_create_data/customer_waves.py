"""Make the monthly waves of customers out of the transactions table."""

import click
from dtc_data.core import DtcCommand, PostgresSettings, Wave, read_settings
from dtc_data.transactions import LOOKBACK_DAYS


@click.command(cls=DtcCommand)
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option(
    "--lookback-days", type=int, default=LOOKBACK_DAYS, show_default=True, help="How far back each wave looks."
)
@click.option("--replace", is_flag=True, help="Replace waves that are there with other customers or features.")
def customer_waves(
    first: str,
    last: str,
    lookback_days: int,
    replace: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Make the waves from the month FROM to the month TO, written like 2011-06.

    Each holds everybody who bought in the lookback before the month's end, as was known then.
    """
    from dtc_data.tables import make_engine  # noqa: PLC0415 - slow, and a wrong argument needs none of it
    from dtc_data.transactions import make_customer_waves  # noqa: PLC0415 - likewise

    engine = make_engine(read_settings(PostgresSettings))
    waves = make_customer_waves(engine, Wave.parse(first), Wave.parse(last), lookback_days, replace=replace)
    for wave in waves:
        click.echo(str(wave))


if __name__ == "__main__":
    customer_waves()
