"""Files larger than memory: how much of them is held at once."""

import tracemalloc
from pathlib import Path

from dtc_data import Catalogue
from dtc_data.surveys import FileOptions
from dtc_model.rule import SegmentModel
from dtc_service.batch import FileLabeller


def test_a_large_file_needs_no_more_memory_than_two_blocks_of_it(tmp_path: Path, small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)

    def peak(n_rows: int) -> int:
        path = tmp_path / f"survey{n_rows}.csv"
        path.write_text("note,price,ecology,visits\n" + "some text,1.5,2.5,30\n" * n_rows)
        tracemalloc.start()
        FileLabeller(small_catalogue, model, "4").label(path, path.with_name("labelled.csv"), FileOptions())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)  # whatever is loaded with the first file
    assert peak(200_000) < 1.5 * peak(100_000)
