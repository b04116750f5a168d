"""Takes files, has them read and labelled beside the pages, and forgets them."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import structlog
from dtc_data.catalogue import Segmentation
from dtc_data.core import DtcError

from dtc_dashboard.errors import UploadError
from dtc_dashboard.uploads.file_kinds import BLOCK_ROWS, SUFFIXES, Writer, read_blocks

KEPT_SECONDS: Final = 900.0
"""How long a labelled file waits to be fetched."""
MOST_JOBS: Final = 20
"""Files that may be under way or wait at once, for all people together."""
READ_SECONDS: Final = 900
PREVIEW_ROWS: Final = 10
_AT_ONCE: Final = 2
NOBODY: Final = "-"
"""Stands for units that have too few answers for a segment."""
_PASSED_ON: Final = ("PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR")
"""Variables that the process sees which reads files of others: no secret among them."""

State = Literal["reading", "labelling", "done", "wrong", "refused"]

_log = structlog.get_logger()


class Labels(Protocol):
    """The prediction service."""

    def label_table(self, name: str, parquet: bytes) -> bytes:
        """Return the labels of a Parquet table as one."""


@dataclass
class Job:
    """One file on its way."""

    token: str
    owner: str
    """Who sent it; only this person gets it back."""
    segmentation: Segmentation
    file_name: str
    folder: Path
    at: float = field(default_factory=time.monotonic)
    state: State = "reading"
    rows: int = 0
    done: int = 0
    n_problems: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    refusal: str = ""
    preview: list[dict[str, Any]] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    """Units by name of segment."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in {"done", "wrong", "refused"}

    @property
    def source(self) -> Path:
        """The file as it came."""
        return self.folder / f"upload{Path(self.file_name).suffix.lower()}"

    @property
    def result(self) -> Path:
        """The labelled file."""
        return self.folder / f"labelled{self.source.suffix}"

    @property
    def result_name(self) -> str:
        """What the labelled file is called when it is fetched."""
        return f"{Path(self.file_name).stem}_labelled{self.source.suffix}"


class UploadDesk:
    """The files of one process.

    Parameters
    ----------
    folder : Path
        Where they lie while they are under way; what an earlier process left there is deleted.
    service : Labels
    most_rows : int
    """

    def __init__(self, folder: Path, service: Labels, most_rows: int) -> None:
        self._folder = folder
        self.service = service
        self.most_rows = most_rows
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_AT_ONCE)
        shutil.rmtree(folder, ignore_errors=True)

    def take(self, segmentation: Segmentation, file_name: str, owner: str, save: Any) -> Job:
        """Take a file, which ``save`` writes to a path, and begin to read it.

        Raises
        ------
        UploadError
            If it is of no kind that is taken, or too many files are under way.
        """
        self._sweep()
        if Path(file_name).suffix.lower() not in SUFFIXES:
            raise UploadError(f"files may end in {', '.join(SUFFIXES)}: save {file_name[:80]!r} as one of these")
        token = secrets.token_urlsafe(16)
        job = Job(token, owner, segmentation, file_name, self._folder / token)
        with self._lock:
            if len(self._jobs) >= MOST_JOBS:
                raise UploadError("too many files are under way: try again in some minutes")
            self._jobs[token] = job
        job.folder.mkdir(parents=True, mode=0o700)
        save(job.source)
        threading.Thread(target=self._work, args=(job,), daemon=True).start()
        return job

    def find(self, token: str, owner: str) -> Job | None:
        """Return somebody's own job; None if there is none any more."""
        self._sweep()
        job = self._jobs.get(token)
        return job if job is not None and job.owner == owner else None

    def forget(self, job: Job) -> None:
        """Delete everything of a job."""
        with self._lock:
            self._jobs.pop(job.token, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def _sweep(self) -> None:
        for job in list(self._jobs.values()):
            if job.is_over and time.monotonic() - job.at > KEPT_SECONDS:
                self.forget(job)

    def _work(self, job: Job) -> None:
        try:
            with self._slots:
                self._read(job)
                if job.state == "labelling":
                    self._label(job)
        except DtcError as error:
            job.refusal, job.state = str(error), "refused"
        except Exception as error:  # noqa: BLE001 - whatever it is, the person who waits wants an answer
            _log.error("an upload failed", kind=type(error).__name__)
            job.refusal, job.state = "something unexpected went wrong", "refused"
        finally:
            job.at = time.monotonic()
            for left in job.folder.glob("*"):
                if left != job.result or job.state != "done":
                    left.unlink(missing_ok=True)

    def _read(self, job: Job) -> None:
        answers = job.folder / "answers.parquet"
        command = [sys.executable, "-m", "dtc_dashboard.uploads.read_file", str(job.segmentation.path), str(job.source)]
        command += [str(answers), str(self.most_rows)]
        try:
            seen = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            read = subprocess.run(  # noqa: S603 - our own module
                command, capture_output=True, timeout=READ_SECONDS, check=True, env=seen
            )
            found = json.loads(read.stdout)
        except (subprocess.SubprocessError, ValueError, OSError) as error:
            raise UploadError("the file cannot be read: reading it took too much time or memory") from error
        if "refused" in found:
            raise UploadError(found["refused"])
        job.rows, job.n_problems, job.problems = found["rows"], found["n_problems"], found["problems"]
        job.state = "wrong" if job.n_problems else "labelling"

    def _label(self, job: Job) -> None:
        import pyarrow as pa  # noqa: PLC0415 - large, and only needed for a file
        import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

        writer = Writer(job.result, job.source)
        answers = pq.ParquetFile(job.folder / "answers.parquet").iter_batches(BLOCK_ROWS)
        labels = _Rows(self._label_block(job, block) for block in answers)
        for block in read_blocks(job.source):
            given = pa.Table.from_batches([block])
            found = labels.take(given.num_rows)
            self._note(job, given, found)
            for name in found.column_names:
                free = name if name not in given.column_names else f"{name}_found"
                given = given.append_column(free, found.column(name))
            writer.write(given)
            job.done += given.num_rows
        writer.close()
        job.state = "done"

    def _label_block(self, job: Job, block: Any) -> Any:
        import pyarrow as pa  # noqa: PLC0415 - as above
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_batches([block]), sink)
        answer = self.service.label_table(job.segmentation.name, sink.getvalue().to_pybytes())
        return pq.read_table(pa.BufferReader(answer))

    @staticmethod
    def _note(job: Job, given: Any, found: Any) -> None:
        """Keep the first rows for the preview, and count the segments."""
        column = job.segmentation.catalogue.segment_column
        for entry in found.column(column).value_counts().to_pylist():
            name = entry["values"] or NOBODY
            job.shares[name] = job.shares.get(name, 0) + entry["counts"]
        missing = PREVIEW_ROWS - len(job.preview)
        if missing > 0:
            first = given.column_names[0]
            names = given.slice(0, missing).column(first).to_pylist()
            rows = found.slice(0, missing).to_pylist()
            job.preview += [{"first": str(name), **row} for name, row in zip(names, rows, strict=True)]


class _Rows:
    """Rows out of tables of one size, taken in pieces of another."""

    def __init__(self, tables: Any) -> None:
        self._tables = iter(tables)
        self._left: Any = None

    def take(self, n_rows: int) -> Any:
        """Return the next so many rows."""
        import pyarrow as pa  # noqa: PLC0415 - as above

        parts, missing = [], n_rows
        while missing:
            if self._left is None or not self._left.num_rows:
                self._left = next(self._tables)
            part = self._left.slice(0, missing)
            self._left = self._left.slice(part.num_rows)
            parts.append(part)
            missing -= part.num_rows
        return pa.concat_tables(parts, promote_options="permissive")
