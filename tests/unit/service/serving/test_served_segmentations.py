"""Several segmentations in one process: each has its own model, and what happens to one leaves the others alone."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import ListedSegmentations
from dtc_data.core import UnknownSegmentationError
from dtc_model.errors import ModelBrokenError, ModelUnavailableError
from dtc_model.registry import ServedModel, check_agrees
from dtc_model.rule import SegmentModel
from dtc_service.errors import NoModelError
from dtc_service.serving import ModelHolder, ServedSegmentations, served_segmentations
from dtc_service.serving.labeller import Labeller
from fakes.registry import ModelShelf
from fakes.served import Holders, listed, segmentation
from fakes.waiting import wait_until

Prepare = Callable[[ServedModel], Labeller]


def preparing(catalogue: Catalogue) -> Prepare:
    def prepare(served: ServedModel) -> Labeller:
        check_agrees(served, catalogue)
        return Labeller(served, catalogue, 50, 10**6)

    return prepare


def shelf_of(catalogue: Catalogue) -> ModelShelf:
    model = SegmentModel.from_catalogue(catalogue)
    shelf = ModelShelf({"1": model, "2": dataclasses.replace(model, centroids=model.centroids[::-1])})
    shelf.production = "1"
    return shelf


class Stage:
    """Two segmentations, the default one and the stores, and a file that stands for the folder of their catalogues."""

    def __init__(self, catalogue: Catalogue, other: Catalogue, folder: Path) -> None:
        self.catalogues = {"dtc_personas": catalogue, "stores": other}
        self.shelves = {name: shelf_of(found) for name, found in self.catalogues.items()}
        self.holders = Holders(
            {
                name: ModelHolder(self.shelves[name], preparing(found), 0.05, name=name)
                for name, found in self.catalogues.items()
            }
        )
        self.problems: dict[str, str] = {}
        self.file = folder / "catalogues"
        self.file.write_text("0")
        self.served = ServedSegmentations(self.find, self.holders, lambda: [self.file])

    def find(self) -> ListedSegmentations:
        found = [segmentation(each, name) for name, each in self.catalogues.items()]
        return dataclasses.replace(listed(*found, problems=self.problems), default="dtc_personas")

    def edited(self) -> None:
        """Write the file, so that the next look lists again."""
        self.file.write_text(self.file.read_text() + "0")
        self.served.look()

    def refresh(self) -> None:
        for holder in self.holders.holders.values():
            holder.refresh()

    def versions(self) -> dict[str, str]:
        return {name: self.served.labeller(name).version for name in self.served.names}


@pytest.fixture
def stage(catalogue: Catalogue, small_catalogue: Catalogue, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(catalogue, small_catalogue, tmp_path)
    yield stage
    stage.served.stop()


def test_a_promotion_in_one_never_disturbs_another(stage: Stage) -> None:
    stage.refresh()
    stage.shelves["stores"].production = "2"
    stage.refresh()
    assert stage.versions() == {"dtc_personas": "1", "stores": "2"}
    assert stage.shelves["dtc_personas"].fetched == ["1"]


@pytest.mark.parametrize("failure", [ModelUnavailableError("down"), ModelBrokenError("no model"), RuntimeError("odd")])
def test_a_model_that_breaks_leaves_the_others_answering(stage: Stage, failure: Exception) -> None:
    stage.shelves["stores"].failure = failure
    stage.served.start()
    assert stage.served.labeller("dtc_personas").version == "1"
    with pytest.raises(NoModelError):
        stage.served.labeller("stores")


def test_an_unknown_name_is_refused_with_the_names_that_exist(stage: Stage) -> None:
    with pytest.raises(UnknownSegmentationError, match="no segmentation 'shops' here: there are dtc_personas, stores"):
        stage.served.get("shops")
    assert "shops" not in stage.served


def test_one_whose_catalogue_never_could_be_read_is_not_served_and_the_others_are(stage: Stage) -> None:
    stage.problems = {"broken": "broken.yaml: features is missing"}
    stage.edited()
    stage.refresh()
    with pytest.raises(NoModelError, match=r"the catalogue cannot be used: broken\.yaml: features is missing"):
        stage.served.get("broken")
    assert stage.versions() == {"dtc_personas": "1", "stores": "1"}
    assert stage.served.problems == stage.problems


def test_one_whose_catalogue_breaks_is_served_as_it_was_and_says_so(stage: Stage, small_catalogue: Catalogue) -> None:
    stage.refresh()
    del stage.catalogues["stores"]
    stage.problems = {"stores": "stores.yaml: not a valid YAML file"}
    stage.edited()
    assert stage.served.labeller("stores").version == "1"
    assert stage.served.get("stores").problem == "stores.yaml: not a valid YAML file"
    assert stage.served.problems == {}
    stage.catalogues["stores"], stage.problems = small_catalogue, {}
    stage.edited()
    assert stage.served.get("stores").problem is None


def test_one_that_is_added_is_found_by_the_first_request_for_it(stage: Stage, small_catalogue: Catalogue) -> None:
    third = small_catalogue.model_copy(update={"registered_model": "third_model"})
    stage.holders.holders["third"] = ModelHolder(shelf_of(third), preparing(third), 0.05)
    stage.catalogues["third"] = third
    stage.file.write_text("1")
    assert stage.served.get("third").catalogue == third


def test_one_that_is_taken_away_is_forgotten(stage: Stage) -> None:
    stage.served.start()
    assert stage.served.labeller("stores").version == "1"
    del stage.catalogues["stores"]
    stage.edited()
    with pytest.raises(UnknownSegmentationError, match="there are dtc_personas"):
        stage.served.get("stores")
    assert stage.holders.forgotten == ["stores"]


def test_an_edited_catalogue_is_taken_up_and_one_with_the_same_content_is_not(stage: Stage) -> None:
    stage.edited()
    assert stage.holders.renewed == []
    features = tuple(each.model_copy(update={"maximum": 99.0}) for each in stage.catalogues["stores"].features)
    stage.catalogues["stores"] = stage.catalogues["stores"].model_copy(update={"features": features})
    stage.edited()
    assert stage.holders.renewed == ["stores"]


def test_a_holder_reads_by_an_edited_catalogue_once_that_fits_the_model(small_catalogue: Catalogue) -> None:
    holder = ModelHolder(shelf_of(small_catalogue), preparing(small_catalogue), 5)
    holder.refresh()
    first = holder.labeller()
    renamed = small_catalogue.features[0].model_copy(update={"name": "prestige"})
    holder.renew(preparing(small_catalogue.model_copy(update={"features": (renamed, *small_catalogue.features[1:])})))
    holder.refresh()
    assert holder.labeller() is first
    assert "made for other features" in (holder.state.problem or "")
    holder.renew(preparing(small_catalogue))
    holder.refresh()
    assert holder.labeller() is not first
    assert (holder.labeller().version, holder.state.problem) == ("1", None)


def test_the_default_one_is_followed_at_once_and_another_with_the_first_request(stage: Stage) -> None:
    stage.served.start()
    holders = stage.holders.holders
    assert (holders["dtc_personas"].is_started, holders["stores"].is_started) == (True, False)
    assert stage.served.labeller("stores").version == "1"
    assert holders["stores"].is_started


def test_one_is_followed_by_itself_as_soon_as_it_is_in_production(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_segmentations, "LOOK_SECONDS", 0.02)
    stage.shelves["stores"].production = None
    stage.served.start()
    stage.shelves["stores"].production = "2"
    wait_until(lambda: stage.holders.holders["stores"].state.labeller is not None, lambda: "it is not followed")
    assert stage.versions() == {"dtc_personas": "1", "stores": "2"}
