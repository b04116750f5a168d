"""The desk holds so many files and no more; those that were refused give way to new ones."""

from pathlib import Path

import pytest
from dtc_dashboard.errors import UploadError
from dtc_dashboard.queries import Sources
from dtc_dashboard.uploads import Job, Rule, UploadDesk
from dtc_dashboard.uploads.desk import MOST_JOBS
from dtc_data.catalogue import Segmentation
from dtc_data.core import DtcError
from fakes.waiting import wait_until


def refusing(_: Segmentation) -> Rule:
    raise DtcError("no rule today")


@pytest.fixture
def segmentation(sources: Sources) -> Segmentation:
    return sources.ordered()[0]


@pytest.fixture
def desk(tmp_path: Path) -> UploadDesk:
    return UploadDesk(tmp_path / "uploads", refusing, 10)


def send(desk: UploadDesk, segmentation: Segmentation) -> Job:
    job = desk.take(segmentation, "a.csv", "anna", lambda path: path.write_text("x"), {})
    wait_until(lambda: job.is_over)
    return job


def test_refused_files_keep_nobody_else_out(desk: UploadDesk, segmentation: Segmentation) -> None:
    jobs = [send(desk, segmentation) for _ in range(MOST_JOBS + 1)]
    assert jobs[0].report.refusal == "no rule today"
    assert desk.find(jobs[0].token, "anna") is None, "the oldest gave way"
    assert desk.find(jobs[-1].token, "anna") is jobs[-1]


def test_labelled_files_wait_for_their_owner_and_the_next_is_told_what_to_do(
    desk: UploadDesk, segmentation: Segmentation
) -> None:
    jobs = [send(desk, segmentation) for _ in range(MOST_JOBS)]
    for job in jobs:
        job.state = "done"
    with pytest.raises(UploadError, match="delete one"):
        send(desk, segmentation)
    desk.forget(jobs[3])
    assert desk.find(send(desk, segmentation).token, "anna") is not None
