"""Takes files, has them labelled beside the pages, and forgets them."""

import secrets
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import structlog
from dtc_data.catalogue import Segmentation
from dtc_data.core import DtcError
from dtc_data.files import SUFFIXES

from dtc_dashboard.errors import UploadError
from dtc_dashboard.uploads.labelling_process import LabellingOrder, Report, Rule, label_beside

KEPT_SECONDS: Final = 900.0
"""How long a labelled file waits to be fetched."""
MOST_JOBS: Final = 20
"""Files that may be under way or wait at once, for all people together."""
_AT_ONCE: Final = 2

State = Literal["reading", "labelling", "done", "wrong", "refused"]

_log = structlog.get_logger()


@dataclass
class Job:
    """One file on its way."""

    token: str
    owner: str
    """Who sent it; only this person gets it back."""
    segmentation: Segmentation
    file_name: str
    folder: Path
    options: dict[str, Any] = field(default_factory=dict)
    """What the person says about the file, as `dtc_data.surveys.FileOptions` has it."""
    at: float = field(default_factory=time.monotonic)
    state: State = "reading"
    rows: int = 0
    """Rows of the file, as far as they are known."""
    done: int = 0
    """Rows that are labelled."""
    report: Report = field(default_factory=Report)
    """What came of it, once it is over."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in {"done", "wrong", "refused"}

    @property
    def source(self) -> Path:
        """The file as it came."""
        return self.folder / "sent" / self.file_name

    @property
    def result(self) -> Path:
        """The labelled file."""
        return self.folder / "labelled" / self.file_name

    @property
    def result_name(self) -> str:
        """What the labelled file is called when it is fetched."""
        return f"{Path(self.file_name).stem}_labelled{Path(self.file_name).suffix}"


class UploadDesk:
    """The files of one process.

    Parameters
    ----------
    folder : Path
        Where they lie while they are under way; what an earlier process left there is deleted.
    rule_of : callable
        Returns what labels the units of a segmentation.
    most_rows : int
    """

    def __init__(self, folder: Path, rule_of: Callable[[Segmentation], Rule], most_rows: int) -> None:
        self._folder = folder
        self.rule_of = rule_of
        self.most_rows = most_rows
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_AT_ONCE)
        shutil.rmtree(folder, ignore_errors=True)

    def take(self, segmentation: Segmentation, file_name: str, owner: str, save: Any, options: dict[str, Any]) -> Job:
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
        job = Job(token, owner, segmentation, file_name, self._folder / token, options)
        self._make_room()
        with self._lock:
            if len(self._jobs) >= MOST_JOBS:
                raise UploadError(
                    f"{MOST_JOBS} files are being labelled or wait to be fetched: delete one that was fetched, or try again "
                    f"in {KEPT_SECONDS // 60:.0f} minutes"
                )
            self._jobs[token] = job
        for path in (job.source, job.result):
            path.parent.mkdir(parents=True)
        job.folder.chmod(0o700)
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

    def _make_room(self) -> None:
        """Forget the oldest of the files that were refused, where there is no room for another one."""
        refused = sorted((job for job in list(self._jobs.values()) if job.is_over and job.state != "done"), key=_at)
        for job in refused[: max(len(self._jobs) - MOST_JOBS + 1, 0)]:
            self.forget(job)

    def _sweep(self) -> None:
        for job in list(self._jobs.values()):
            if job.is_over and time.monotonic() - job.at > KEPT_SECONDS:
                self.forget(job)

    def _work(self, job: Job) -> None:
        def tell(what: str, rows: int) -> None:
            job.state = "reading" if what == "Checking" else "labelling"
            job.rows, job.done = max(job.rows, rows), rows if job.state == "labelling" else 0

        try:
            with self._slots:
                rule, catalogue = self.rule_of(job.segmentation), job.segmentation.path
                order = LabellingOrder(catalogue, job.source, job.result, rule, self.most_rows, job.options)
                job.report = label_beside(order, tell)
        except DtcError as error:
            job.report = Report(refusal=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the person who waits wants an answer
            *_, last = traceback.extract_tb(error.__traceback__)  # not the error's words, which may hold answers
            _log.error("an upload failed", kind=type(error).__name__, at=f"{last.filename}:{last.lineno}")
            job.report = Report(refusal="something unexpected went wrong")
        finally:
            job.at, job.state = time.monotonic(), _outcome(job.report)
            job.rows = job.report.units or job.rows
            shutil.rmtree(job.source.parent, ignore_errors=True)
            if job.state != "done":
                shutil.rmtree(job.result.parent, ignore_errors=True)


def _at(job: Job) -> float:
    return job.at


def _outcome(report: Report) -> State:
    if report.refusal:
        return "refused"
    return "wrong" if report.n_problems else "done"
