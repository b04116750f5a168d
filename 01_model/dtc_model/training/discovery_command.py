"""The command that looks for segments: ``make discover``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from dtc_data.core import (
    DtcCommand,
    PostgresSettings,
    SegmentationSettings,
    SettingsError,
    Wave,
    read_settings,
)

from dtc_model.settings import MlflowSettings

if TYPE_CHECKING:
    from dtc_model.discovery import MeasuredSolution
    from dtc_model.recipes import Recipe
    from dtc_model.training.segment_search import FoundSegments


@click.command("discover", cls=DtcCommand)
@click.argument("wave", default="")
@click.option(
    "--segmentation",
    required=True,
    metavar="NAME|FILE",
    help="Name of the segmentation; its catalogue is written.",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="Look in this CSV, Excel, SPSS or Parquet file, not among the customers.",
)
@click.option("--id", "id_column", default="customer_id", show_default=True, help="Column of the file with the ids.")
@click.option("--date", "date_column", default="date", show_default=True, help="Column of the file with the dates.")
@click.option(
    "--feature", "names", multiple=True, help="Column of the file to look in; may be repeated. [default: all numbers]"
)
@click.option("--lookback-days", type=int, default=180, show_default=True, help="Of the wave of customers.")
@click.option("--k", type=int, help="Number of segments, if you choose it yourself.")
@click.option(
    "--encoding",
    "encodings",
    multiple=True,
    type=click.Choice(["raw", "log1p", "quantile"]),
    help="Of the numbers; may be repeated. [default: all]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same segments.")
@click.option(
    "--bootstraps", type=click.IntRange(1), default=20, show_default=True, help="Resamples for the stability."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the catalogue goes. [default: the folder of the catalogues]"
)
def discover_command(wave: str, segmentation: str, out: Path | None, **options: Any) -> None:
    """Look for segments among the customers of WAVE, a month like 2011-06, or in any FILE, and draft their catalogue.

    All that is tried is in MLflow. A person edits the draft and adopts it, which makes it version 1.
    """
    path = out or _catalogue_path(segmentation)
    if path.exists():
        raise SettingsError(
            f"{path}: there is a catalogue already, and it is not overwritten: name another segmentation, or another file by --out"
        )
    recipe = _recipe(wave, options)
    from dtc_model.training.segment_search import find_segments  # noqa: PLC0415 - scikit-learn takes seconds to import

    uri = read_settings(MlflowSettings)
    found = find_segments(
        recipe,
        path.stem,
        tracking_uri=uri.tracking_uri,
        k=options["k"],
        encodings=options["encodings"] or ("raw", "log1p", "quantile"),
        seed=options["seed"],
        n_bootstraps=options["bootstraps"],
        report_progress=_say,
    )
    path.write_text(found.catalogue, encoding="utf-8")
    _show(found, f"{uri.page}/#/experiments/{found.experiment_id}/runs/{found.run_id}")
    click.echo(f"Catalogue: {path}. Edit names and actions, then")
    for command in _next(path.stem if out is None else str(path), wave, of_customers=options["file"] is None):
        click.echo(f"  {command}")


def _catalogue_path(named: str) -> Path:
    from dtc_data.catalogue import path_named  # noqa: PLC0415 - small, but only needed here

    return path_named(named, read_settings(SegmentationSettings).catalogue_folder.absolute())


def _recipe(wave: str, options: dict[str, Any]) -> "Recipe":
    from dtc_model.recipes import customers_to_segment, units_in_file  # noqa: PLC0415 - imports what takes seconds

    if options["file"] is not None:
        return units_in_file(
            options["file"], options["id_column"], options["date_column"], options["names"], wave or None
        )
    from dtc_data.tables import make_engine  # noqa: PLC0415 - likewise

    month = Wave.parse(wave)
    return customers_to_segment(make_engine(read_settings(PostgresSettings)), month, options["lookback_days"])


def _say(measured: "MeasuredSolution") -> None:
    row = measured.row
    click.echo(
        f"  {row['encoding']:<9} k = {row['k']:<3} silhouette {row['silhouette']:6.3f}   weakest segment {row['jaccard_min']:.2f}   "
        f"smallest {row['smallest_share']:.1%}"
    )


def _show(found: "FoundSegments", page: str) -> None:
    click.echo(f"\n{found.discovery.words}")
    for note in found.notes:
        click.echo(f"Note: {note}.")
    actions = {one.segment_id: one.action for one in found.names}
    jaccard = found.discovery.proposal.chosen.jaccard if found.discovery.proposal.chosen else ()
    for (id_, row), stability in zip(found.means.iterrows(), jaccard, strict=False):
        numbers = ", ".join(f"{name} {row[name]:,.1f}" for name in found.means.columns[2:])
        click.echo(f"\n{row['segment']}: {row['units']:,}, Jaccard {stability:.2f}; on average {numbers}")
        if action := actions.get(int(str(id_))):
            click.echo(f"  {action}")
    click.echo(f"\nMLflow: {page}")


def _next(segmentation: str, wave: str, *, of_customers: bool) -> list[str]:
    fill = f"make customer_waves FROM={wave} TO=…" if of_customers else "make ingest FILE=…"
    reference = f"REFERENCE={wave or '…'}"
    return [
        f"{fill} SEGMENTATION={segmentation}",
        f"make adopt_catalogue SEGMENTATION={segmentation} {reference} BY=… WHY=…",
    ]
