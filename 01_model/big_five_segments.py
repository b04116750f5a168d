"""Compute the segments of the Big Five example again: the sweep on its first wave, and the centroids of its solution."""

from pathlib import Path

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.core import DtcCommand
from dtc_data.surveys import FIRST_WAVE, read_big_five

CATALOGUE = Path(__file__).resolve().parent.parent / "00_create_data" / "catalogues" / "big_five.yaml"
LARGEST_K = 6


@click.command(cls=DtcCommand)
def big_five_segments() -> None:
    """Print how stable each number of clusters is, and the centroids for the catalogue beside those that it has."""
    from dtc_model.discovery import TrainingAnswers, match_segments, run_sweep  # noqa: PLC0415 - slow to import

    catalogue = load_catalogue(CATALOGUE)
    units = read_big_five()
    first = units[units["date"].between(FIRST_WAVE.start, FIRST_WAVE.end, inclusive="left")]
    answers = TrainingAnswers.take(first, catalogue, complete_share=0.2)
    click.echo(answers.words)
    sweep = run_sweep(answers.values, catalogue, ks=range(2, LARGEST_K + 1))
    for entry in sweep.entries:
        stabilities = ", ".join(f"{stability:.2f}" for stability in entry.stabilities)
        click.echo(f"k = {entry.k}: similarity in resamples {stabilities}; silhouette {entry.silhouette:.3f}")
    found = match_segments(sweep.entry(len(catalogue.segments)).centroids, catalogue).to_model(catalogue, {})
    for segment, centroid in zip(catalogue.segments, found.centroids, strict=True):
        click.echo(f"{segment.name}: [{', '.join(f'{mean:.4f}' for mean in centroid)}]")
        click.echo(f"  largest difference from the catalogue: {abs(centroid - segment.centroid).max():.4f}")


if __name__ == "__main__":
    big_five_segments()
