"""Files that a job leaves outside for the pipeline in its container."""

from pathlib import Path

import pytest
from dtc_stack.containers.compose import ComposeStack
from dtc_stack.containers.container_programs import ContainerPrograms
from dtc_stack.progress import Progress
from dtc_stack.settings import StackSettings


def test_the_pipeline_may_read_them_and_others_on_the_machine_do_not_come_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContainerPrograms, "state_folder", tmp_path / "docker")
    tables = tmp_path / "docker" / "stores" / "tables"
    tables.mkdir(parents=True)
    sales = tables / "sales.parquet"
    sales.write_bytes(b"")
    for path in (sales, tables, tables.parent):
        path.chmod(0o600 if path is sales else 0o700)
    settings = StackSettings.model_construct()
    ContainerPrograms(ComposeStack((), {}, Progress()), settings).let_pipeline_read(tables)

    modes = [path.stat().st_mode & 0o777 for path in (tables.parents[1], tables.parent, tables, sales)]
    assert modes == [0o700, 0o755, 0o755, 0o644]
