"""A worker that starts while the registry is away serves what another one has kept."""

import errno
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_model.errors import ModelBrokenError, ModelUnavailableError
from dtc_model.registry import ServedModel
from dtc_service.errors import NoModelError
from dtc_service.serving import ModelHolder, model_holder
from dtc_service.serving.labeller import Labeller
from dtc_service.serving.saved_model import SavedModel
from fakes.registry import ModelShelf

MakeHolder = Callable[[], ModelHolder]


@pytest.fixture
def saved(tmp_path: Path) -> SavedModel:
    return SavedModel(tmp_path / "state", "personas")


@pytest.fixture
def make_holder(shelf: ModelShelf, catalogue: Catalogue, saved: SavedModel) -> MakeHolder:
    def prepare(served: ServedModel) -> Labeller:
        if served.model.feature_names != catalogue.feature_names:
            raise ModelBrokenError("made for other features")
        return Labeller(served, catalogue, 50, 10**6)

    return lambda: ModelHolder(shelf, prepare, 0.1, saved)


def test_a_worker_that_starts_in_an_outage_serves_the_last_good_model(
    make_holder: MakeHolder, shelf: ModelShelf
) -> None:
    shelf.production = "2"
    make_holder().refresh()
    shelf.failure = ModelUnavailableError("down")
    holder = make_holder()
    holder.refresh()
    assert holder.labeller().version == "2"
    assert holder.state.problem == "down"


def test_a_disk_that_becomes_full_keeps_the_old_copy_and_no_piece_of_the_new_one(
    make_holder: MakeHolder, shelf: ModelShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_holder().refresh()
    before = {path.name: path.read_text() for path in (tmp_path / "state").iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    shelf.production = "2"
    make_holder().refresh()
    assert {path.name: path.read_text() for path in (tmp_path / "state").iterdir()} == before


def test_it_follows_the_registry_once_that_is_back(make_holder: MakeHolder, shelf: ModelShelf) -> None:
    make_holder().refresh()
    shelf.failure = ModelUnavailableError("down")
    holder = make_holder()
    holder.refresh()
    shelf.failure, shelf.production = None, "2"
    holder.refresh()
    assert (holder.labeller().version, holder.state.problem) == ("2", None)


def test_a_broken_version_at_the_start_is_bridged_too(make_holder: MakeHolder, shelf: ModelShelf) -> None:
    make_holder().refresh()
    shelf.production = "9"
    holder = make_holder()
    holder.refresh()
    assert holder.labeller().version == "1"
    assert "9 is broken" in (holder.state.problem or "")


def test_a_registry_that_does_not_answer_at_all_is_not_waited_for(
    make_holder: MakeHolder, shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_holder().refresh()
    monkeypatch.setattr(model_holder, "FIRST_LOAD_SECONDS", 0.05)

    answers = threading.Event()

    def hang() -> str:
        answers.wait(60)
        return "1"

    monkeypatch.setattr(shelf, "production_version", hang)
    holder = make_holder()
    holder.start()
    assert holder.labeller().version == "1"
    answers.set()
    holder.stop()


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"registered_model": "personas", "version": "1", "document": "{"}', "\xff"]
)
def test_a_copy_that_cannot_be_used_is_as_good_as_none(
    make_holder: MakeHolder, shelf: ModelShelf, saved: SavedModel, content: str | None
) -> None:
    shelf.failure = ModelUnavailableError("down")
    if content is not None:
        saved.path.parent.mkdir()
        saved.path.write_text(content, encoding="latin-1")
    holder = make_holder()
    holder.refresh()
    with pytest.raises(NoModelError, match="down"):
        holder.labeller()


def test_a_copy_of_another_registered_model_is_not_taken(
    make_holder: MakeHolder, saved: SavedModel, tmp_path: Path
) -> None:
    make_holder().refresh()
    kept = saved.load()
    assert kept is not None
    assert kept.version == "1"
    assert SavedModel(tmp_path / "state", "others").load() is None


def test_a_folder_that_cannot_be_written_does_no_harm(shelf: ModelShelf, catalogue: Catalogue, tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    saved = SavedModel(blocker / "folder", "personas")
    holder = ModelHolder(shelf, lambda served: Labeller(served, catalogue, 50, 10**6), 5, saved)
    holder.refresh()
    assert holder.labeller().version == "1"


def test_only_the_copy_is_left_in_the_folder(make_holder: MakeHolder, shelf: ModelShelf, tmp_path: Path) -> None:
    for version in ("1", "2"):
        shelf.production = version
        make_holder().refresh()
    (kept,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
