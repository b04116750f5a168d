"""Catalogues side by side: found by name or path, told apart by table and model, and none hides the others."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from dtc_data import Catalogue
from dtc_data.catalogue import find_segmentation, list_segmentations
from dtc_data.core import CatalogueError, SettingsError, UnknownSegmentationError

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of catalogues, and a working directory apart from it."""
    folder = tmp_path / "catalogues"
    folder.mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("CATALOGUE_FOLDER", str(folder))
    monkeypatch.setenv("SEGMENTATION", "")
    return folder


@pytest.fixture
def write(folder: Path, small_catalogue: Catalogue) -> Write:
    """Write a catalogue into the folder or elsewhere, with a table and a model of its file's name unless told otherwise."""

    def write_catalogue(stem: str, where: Path | None = None, **changes: str) -> Path:
        document = small_catalogue.model_dump(mode="json", exclude={"unit_table", "registered_model"})
        path = (where or folder) / f"{stem}.yaml"
        path.write_text(yaml.safe_dump(document | changes))
        return path

    return write_catalogue


def test_a_segmentation_is_found_by_the_name_of_its_file(write: Write) -> None:
    path = write("stores", name="Our stores")
    found = find_segmentation("stores")
    assert (found.name, found.path, found.is_listed, found.argument) == ("stores", path, True, "stores")
    assert found.title == "Our stores (stores)"


def test_table_and_model_follow_from_the_file(write: Write) -> None:
    write("big-Five")
    catalogue = find_segmentation("big-Five").catalogue
    assert (catalogue.unit_table, catalogue.registered_model) == ("big_five", "big-Five")
    write("named", unit_table="shops", registered_model="shop model")
    catalogue = find_segmentation("named").catalogue
    assert (catalogue.unit_table, catalogue.registered_model) == ("shops", "shop model")
    write("german", respondent_table="laeden")
    assert find_segmentation("german").catalogue.unit_table == "laeden"


def test_without_a_name_the_setting_is_meant_and_else_the_default(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("dtc_personas")
    write("stores")
    assert find_segmentation().name == "dtc_personas"
    monkeypatch.setenv("SEGMENTATION", "stores")
    assert find_segmentation().name == "stores"
    assert find_segmentation("dtc_personas").name == "dtc_personas"


def test_a_relative_path_counts_from_where_the_person_stands(write: Write, tmp_path: Path) -> None:
    (tmp_path / "here" / "my shops").mkdir()
    path = write("mine", tmp_path / "here" / "my shops")
    found = find_segmentation("my shops/mine.yaml")
    assert (found.name, found.path, found.is_listed) == ("mine", path, False)
    assert found.command("label WAVE=2025-04") == f"make label SEGMENTATION='{path}' WAVE=2025-04"
    with pytest.raises(CatalogueError, match=r"here/mine\.yaml: the catalogue cannot be read"):
        find_segmentation("mine.yaml")


def test_the_path_of_a_catalogue_in_the_folder_is_the_segmentation_of_that_name(write: Write) -> None:
    path = write("stores")
    assert find_segmentation(str(path)) == find_segmentation("stores")
    assert find_segmentation("../catalogues/stores.yaml").argument == "stores"


def test_an_unknown_name_is_refused_with_the_names_that_exist(write: Write) -> None:
    for name in ("dtc_personas", "stores"):
        write(name)
    with pytest.raises(
        UnknownSegmentationError, match=r"no segmentation 'shops'.* holds dtc_personas, stores"
    ) as refused:
        find_segmentation("shops")
    assert (refused.value.http_status, refused.value.exit_code) == (404, 2)
    for odd in ("..", "a b", "$(id)", "stores|x", "ä"):
        with pytest.raises(UnknownSegmentationError):
            find_segmentation(odd)


def test_the_default_segmentation_need_not_be_typed_and_any_other_one_is_named(write: Write, tmp_path: Path) -> None:
    write("dtc_personas", name="DTC")
    write("stores")
    default, stores = find_segmentation("dtc_personas"), find_segmentation("stores")
    assert (default.command("history"), default.title) == ("make history", "DTC")
    assert stores.command("promote VERSION=3 BY=…") == "make promote SEGMENTATION=stores VERSION=3 BY=…"
    (tmp_path / ".env").write_text("SEGMENTATION=stores\n")
    assert default.command("history") == "make history SEGMENTATION=dtc_personas", "a plain one would mean the stores"


@pytest.mark.parametrize("key", ["unit_table", "registered_model"])
def test_two_with_the_same_table_or_model_are_refused_by_name(write: Write, key: str) -> None:
    write("first", **{key: "shared"})
    write("second", **{key: "shared"})
    write("third")
    for one, other in (("first", "second"), ("second", "first")):
        with pytest.raises(CatalogueError, match=rf"{one}\.yaml: {key} 'shared' is that of the segmentation '{other}'"):
            find_segmentation(one)
    assert find_segmentation("third").name == "third"


def test_a_catalogue_elsewhere_cannot_take_the_table_of_one_in_the_folder(write: Write, tmp_path: Path) -> None:
    write("stores")
    write("copy", tmp_path, unit_table="stores")
    with pytest.raises(CatalogueError, match="unit_table 'stores' is that of the segmentation 'stores'"):
        find_segmentation(str(tmp_path / "copy.yaml"))


def test_a_broken_catalogue_stops_no_other_one(write: Write, folder: Path) -> None:
    write("stores")
    (folder / "broken.yaml").write_text("name: [")
    assert find_segmentation("stores").name == "stores"
    listed = list_segmentations()
    assert list(listed.found) == ["stores"]
    assert "not a valid YAML file" in listed.problems["broken"]


def test_one_that_is_added_is_listed_at_once(write: Write) -> None:
    write("dtc_personas")
    assert list(list_segmentations().found) == ["dtc_personas"]
    write("stores")
    assert sorted(list_segmentations().found) == ["dtc_personas", "stores"]


def test_the_default_one_is_listed_wherever_it_lies_and_kept_against_others(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("own", tmp_path, unit_table="shared")
    write("stores", unit_table="shared")
    write("third")
    monkeypatch.setenv("SEGMENTATION", str(path))
    listed = list_segmentations()
    assert (listed.default, sorted(listed.found), list(listed.problems)) == ("own", ["own", "third"], ["stores"])
    assert "unit_table 'shared' is that of the segmentation 'own'" in listed.problems["stores"]


def test_of_two_that_share_and_are_not_the_default_neither_is_listed(write: Write) -> None:
    write("dtc_personas")
    for name in ("first", "second"):
        write(name, registered_model="shared")
    listed = list_segmentations()
    assert (list(listed.found), sorted(listed.problems)) == (["dtc_personas"], ["first", "second"])


def test_a_file_that_cannot_be_named_in_an_address_is_told_apart(write: Write) -> None:
    write("dtc_personas")
    write("my stores")
    assert "rename the file" in list_segmentations().problems["my stores"]


def test_without_any_catalogue_the_default_one_is_said_to_be_missing(folder: Path) -> None:
    listed = list_segmentations()
    assert (listed.default, dict(listed.found)) == ("dtc_personas", {})
    assert f"{folder}/dtc_personas.yaml" in listed.problems["dtc_personas"]


@pytest.mark.usefixtures("folder")
def test_the_setting_of_earlier_versions_stops_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_CATALOGUE", "personas.yaml")
    for look in (find_segmentation, list_segmentations):
        with pytest.raises(SettingsError, match="SEGMENTATION=dtc_personas, or the path of a catalogue file"):
            look()
