"""What jobs draft leaves the checkout clean."""

from dtc_data.stores import STORES_SEGMENTATION
from dtc_data.transactions import CUSTOMER_VALUE
from dtc_stack.settings import PROJECT_FOLDER


def test_catalogues_that_jobs_draft_are_ignored_by_git() -> None:
    ignored = (PROJECT_FOLDER / ".gitignore").read_text(encoding="utf-8").splitlines()

    for name in (CUSTOMER_VALUE, STORES_SEGMENTATION):
        assert f"/00_create_data/catalogues/{name}.yaml" in ignored
