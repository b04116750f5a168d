"""A survey file written back with the label of each unit added; everything else in it stays as it is."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from dtc_data.catalogue import Catalogue
from dtc_data.core import SurveyFileError
from dtc_data.files import DecimalCommas, SteadyFile, TableFile, open_table, refuse_too_large, write_beside
from dtc_data.surveys import (
    AnswerReading,
    FileOptions,
    Kind,
    SurveyProblems,
    expected_names,
    match_columns,
    report_text,
)
from dtc_model.rule import NO_FIT_PERCENTILE, SegmentModel, describe

from dtc_service.batch.label_names import label_columns, label_values
from dtc_service.formats import Names

Progress = Callable[[str, int], object]
"""Gets what is being done, and how many rows of it are done."""


@dataclass(frozen=True)
class FileLabels:
    """What a file's units were labelled with."""

    path: Path
    units: int
    counts: dict[str, int]
    """Units by name of the segment, in the order of the catalogue."""
    columns: tuple[str, ...]
    """Names of the columns that were added."""
    remarks: tuple[str, ...]
    """How the file was read, and what may pass."""

    @property
    def unlabelled(self) -> int:
        """Units without a segment, because too many answers are missing."""
        return self.units - sum(self.counts.values())


class FileLabeller:
    """Labels survey files by one model.

    Parameters
    ----------
    catalogue : Catalogue
        Says how files are read; its features are the model's.
    model : SegmentModel
    version : str
        What the file says about who labelled it.
    no_fit_percentile : float
        Beyond which percentile of the reference wave's distances somebody does not fit.
    """

    def __init__(
        self, catalogue: Catalogue, model: SegmentModel, version: str, no_fit_percentile: float = NO_FIT_PERCENTILE
    ) -> None:
        self._catalogue, self._model, self._version = catalogue, model, version
        self._no_fit_percentile = no_fit_percentile
        self._who = f"version {version}" if version.isdigit() else f"the {version}"
        self._names = Names.of(model, catalogue.segment_column)

    def label(self, path: Path, out: Path, options: FileOptions, tell: Progress = lambda *_: None) -> FileLabels:
        """Check all of a file, then write it again with the labels; a block of it is in memory at a time.

        Parameters
        ----------
        path : Path
            CSV, Excel, SPSS or Parquet.
        out : Path
            Another file of the same kind; one that is there is replaced.
        options : FileOptions
        tell : callable
            Hears of the progress.

        Raises
        ------
        RefusedFileError
            If the file has problems that may not pass. Then nothing is written.
        SurveyFileError
            If the file cannot be read or is changed meanwhile, or the other one cannot be written; an SPSS file can be too large for that.
        AnswersError
            If an answer is too large to be labelled.
        """
        _refuse_target(path, out)
        steady = SteadyFile(path)
        table = open_table(path, options, expected_names(self._catalogue))
        refuse_too_large(table)
        problems = SurveyProblems(
            path, table.place, options.allow, self._catalogue.words.units, undone="nothing was written"
        )
        columns = match_columns(table, self._catalogue, options, problems, answers_only=True)
        problems.raise_if_refused()
        decimals = DecimalCommas(table.decimal, is_sure=options.decimal is not None)
        self._check(table, AnswerReading(table, columns.features, self._catalogue, decimals, problems), problems, tell)
        problems.add_doubts(decimals.doubts())
        problems.raise_if_refused()
        if not problems.rows:
            raise SurveyFileError(f"{path}: the file has a header, but no {self._catalogue.words.units} below it")
        unheard = SurveyProblems(path, table.place)
        answers = AnswerReading(table, columns.features, self._catalogue, decimals, unheard)
        remarks = [f"{path}: {problems.rows:,} {table.place}s read ({table.form})"]
        remarks += [report_text(problems)] if problems.found else []
        with _draft_of(out) as draft:
            labels = self._write(table, answers, (draft, out), _decimal(table, decimals), tuple(remarks), tell)
            steady.check("nothing was written")
        return labels

    def _check(self, table: TableFile, answers: AnswerReading, problems: SurveyProblems, tell: Progress) -> None:
        for block in table.blocks():
            problems.rows += len(block.places) + len(block.misfits)
            problems.add_all(Kind.CELLS, block.misfits.items())
            answers.read(block)
            tell("Checking", problems.rows)

    def _write(  # noqa: PLR0913, PLR0917 - what the second reading needs
        self,
        table: TableFile,
        answers: AnswerReading,
        places: tuple[Path, Path],
        decimal: str,
        remarks: tuple[str, ...],
        tell: Progress,
    ) -> FileLabels:
        draft, out = places
        segments = dict(zip(self._model.segment_ids, self._model.segment_names, strict=True))
        new = label_columns(self._catalogue, segments, self._who, table.names)
        counts = np.zeros(len(self._names.ids), dtype=np.int64)
        writer = write_beside(table, draft, new, decimal)
        for block in table.blocks(to_write=True):
            detail = describe(
                self._model, answers.read(block), self._catalogue.minimum_answered, self._no_fit_percentile
            )
            writer.write(block, label_values(detail, self._names, self._version))
            counts += np.bincount(detail.positions % len(counts), minlength=len(counts))
            tell("Labelling", int(counts.sum()))
        writer.close()
        by_name = dict(zip(self._model.segment_names, counts[:-1].tolist(), strict=True))
        return FileLabels(out, int(counts.sum()), by_name, tuple(column.name for column in new), remarks)


def _decimal(table: TableFile, decimals: DecimalCommas) -> str:
    """Return what stands before the decimals of numbers that are added to a text, as those that it has."""
    return decimals.sign or ("," if getattr(table, "delimiter", ",") == ";" else ".")


def _refuse_target(path: Path, out: Path) -> None:
    if out.suffix.lower() != path.suffix.lower():
        raise SurveyFileError(
            f"{out}: a {path.suffix} file is written back as one: let the name end with {path.suffix}"
        )
    if out.exists() and path.exists() and out.samefile(path):
        raise SurveyFileError(f"{out}: is the file itself, which stays as it is: name another one")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise SurveyFileError(f"{out}: cannot be written: name a file in a folder that is there")


@contextmanager
def _draft_of(out: Path) -> Iterator[Path]:
    """Open a place to write to, and make it the file only if all of it was written."""
    target = Path(os.path.realpath(out))
    draft = target.with_name(f".{target.stem}.{os.getpid()}.draft{target.suffix}")
    try:
        yield draft
        draft.replace(target)
    except OSError as error:
        raise SurveyFileError(f"{out}: the file cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()
