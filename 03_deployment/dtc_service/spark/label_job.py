"""A labelling job from a feature table to a labelled one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dtc_data.catalogue import Catalogue
from dtc_data.core import Wave, WaveError
from dtc_data.spark import UnitSource, spark_session
from dtc_model.rule import SegmentModel

from dtc_service.spark.spark_labels import labelled_units


def unit_source(address: str, table: str | None = None) -> UnitSource:
    """Return a feature table by its address, Parquet or ``jdbc:…`` with the name of a table."""
    return UnitSource(address, table)


@dataclass(frozen=True)
class SparkLabels:
    """What a job labelled."""

    units: int
    counts: dict[str, int]
    """Units by name of the segment, in the order of the model."""

    @property
    def unlabelled(self) -> int:
        """Units without a segment, because too many answers are missing."""
        return self.units - sum(self.counts.values())


def label_with_spark(  # noqa: PLR0913 - what is labelled, by what, and where Spark runs
    source: UnitSource,
    target: UnitSource,
    catalogue: Catalogue,
    rule: tuple[SegmentModel, str],
    *,
    wave: Wave | None = None,
    master: str,
    memory: str = "2g",
    jars: Sequence[Path] = (),
) -> SparkLabels:
    """Label a feature table by Spark into another one.

    Parameters
    ----------
    source, target : UnitSource
    catalogue : Catalogue
    rule : tuple of SegmentModel and str
        The model, and what is said to be its version.
    wave : Wave, optional
        The month that is labelled; everybody by default.
    master, memory, jars
        See `dtc_data.spark.spark_session`.

    Raises
    ------
    UnitTableError
        If the source does not fit, or the target is there already.
    WaveError
        If there is nobody to label.
    """
    with spark_session(master, memory=memory, jars=jars) as session:
        units = labelled_units(source.read(session, wave), catalogue, *rule)
        added = units.columns[-8:]
        target.write(units)
        rows = target.read(session).groupBy(added[1]).count().collect()
    found = {row[0]: int(row[1]) for row in rows}
    if not found:
        raise WaveError(f"{source}: there are no {catalogue.words.units} to label")
    names = rule[0].segment_names
    return SparkLabels(sum(found.values()), {name: found.get(name, 0) for name in names})
