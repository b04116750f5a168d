"""Make one synthetic month of units and write it as a survey file."""

from pathlib import Path

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import FIRST_YEAR, LAST_YEAR, DtcCommand, Wave, segmentation_option

JANUARY = 1


class Shares(click.ParamType):
    """Numbers with commas between them."""

    name = "60,30,10"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Read the numbers."""
        try:
            return tuple(float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r}: write one number per segment with commas between them, like 60,30,10", param, ctx)


@click.command(cls=DtcCommand, context_settings={"ignore_unknown_options": True})  # lets -1 through to a better message
@click.argument("n", type=int)
@click.argument("std_dev", type=float)
@click.argument("seed", type=int)
@click.argument("month")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--year",
    type=click.IntRange(FIRST_YEAR, LAST_YEAR),
    default=2025,
    show_default=True,
    help="Year of a month without one.",
)
@click.option("--shares", type=Shares(), help="Weights of the segments in the catalogue's order. Default: equal.")
@click.option(
    "--labelled/--unlabelled", default=None, help="Write the segments into the file. Default: only in a January."
)
@segmentation_option
def create_data(  # noqa: PLR0913, PLR0917 - the arguments of the command
    n: int,
    std_dev: float,
    seed: int,
    month: str,
    file: Path,
    year: int,
    shares: tuple[float, ...] | None,
    labelled: bool | None,  # noqa: FBT001 - click passes it by name
    segmentation: str | None,
) -> None:
    """Make N units around the segments' centroids and write them to FILE.

    STD_DEV is the standard deviation of numbers around a centroid, in the unit of the answers. The same SEED gives the
    same rows. MONTH is written like 3, March or 2025-03.
    """
    from dtc_data.surveys import write_survey_file  # noqa: PLC0415 - pandas takes long to import; --help should not
    from dtc_data.synthetic import make_wave  # noqa: PLC0415 - likewise

    wave = Wave.parse_month(month, year)
    catalogue = find_segmentation(segmentation).catalogue
    is_labelled = wave.month == JANUARY if labelled is None else labelled
    units = make_wave(catalogue, n, std_dev, seed, wave, shares=shares, labelled=is_labelled)
    write_survey_file(units, catalogue, file)
    words = catalogue.words
    labels = f"with {words.segments}" if is_labelled else f"without {words.segments}"
    click.echo(f"{file}: {words.units_counted(n)} of {wave}, std {std_dev:g}, seed {seed}, {labels}")


if __name__ == "__main__":
    create_data()
