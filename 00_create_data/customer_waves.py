"""Make the monthly waves of customers out of the transactions table."""

import click
from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import DtcCommand, PostgresSettings, UnknownSegmentationError, Wave, read_settings
from dtc_data.transactions import CUSTOMER_VALUE, LOOKBACK_DAYS


@click.command(cls=DtcCommand)
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option(
    "--segmentation",
    metavar="NAME|FILE",
    help=f"Segmentation whose table gets the customers. [default: {CUSTOMER_VALUE}, once it has a catalogue]",
)
@click.option(
    "--lookback-days",
    type=int,
    help=f"How far back each wave looks. [default: the catalogue's, or {LOOKBACK_DAYS} without one]",
)
@click.option("--replace", is_flag=True, help="Replace waves that are there with other customers or features.")
def customer_waves(
    first: str,
    last: str,
    segmentation: str | None,
    lookback_days: int | None,
    replace: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Make the waves from the month FROM to the month TO, written like 2011-06.

    Each holds everybody who bought in the lookback before the month's end, as far as was known then. Features of all customers go
    into transaction_features, and those that the segmentation names into its own table.
    """
    from dtc_data.tables import make_engine  # noqa: PLC0415 - slow, and a wrong argument needs none of it
    from dtc_data.transactions import make_customer_waves  # noqa: PLC0415 - likewise

    months = Wave.parse(first), Wave.parse(last)
    found = _segmentation(segmentation)
    catalogue = found.catalogue if found else None
    engine = make_engine(read_settings(PostgresSettings))
    for wave in make_customer_waves(engine, *months, lookback_days, catalogue=catalogue, replace=replace):
        click.echo(str(wave))
    if catalogue is None:
        click.echo(f"No segmentation's table was filled: there is no catalogue {CUSTOMER_VALUE} yet.", err=True)


def _segmentation(given: str | None) -> Segmentation | None:
    """Return the segmentation that is named, or else that of customers by value if there is one."""
    if given:
        return find_segmentation(given)
    try:
        return find_segmentation(CUSTOMER_VALUE)
    except UnknownSegmentationError:
        return None


if __name__ == "__main__":
    customer_waves()
