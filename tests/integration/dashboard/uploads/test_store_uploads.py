"""Stores, whose rule is a mixture: their files and their form are labelled as those of any segmentation."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml
from dtc_dashboard.queries import Sources
from dtc_data import load_catalogue
from dtc_model.rule import SegmentModel
from fakes.pages import labelling, make_sources
from fakes.sent_files import labelled
from fakes.store_catalogue import STORES, some_stores, store_catalogue
from flask.testing import FlaskClient

KINDS = {".csv": "csv", ".xlsx": "excel", ".parquet": "parquet"}


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Sources]:
    """Everything is down but the service, which labels stores."""
    path = tmp_path / "catalogues" / "stores.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(STORES, sort_keys=False), encoding="utf-8")
    with labelling(load_catalogue(path), "stores") as service_url:
        yield make_sources(path, service_url=service_url)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_of_stores_comes_back_with_their_archetypes(client: FlaskClient, tmp_path: Path, suffix: str) -> None:
    stores = some_stores(40).rename_axis("store_id").reset_index()
    stores.loc[0, "place"], stores.loc[1, "weekend"] = "airport", None
    stores.loc[2, ["size", "weekend", "place"]] = None
    path = tmp_path / f"quarter{suffix}"
    kind = KINDS[suffix]
    write: Callable[..., object] = getattr(stores, f"to_{kind}")
    write(path, index=False)

    content = labelled(client, path.read_bytes(), path.name, segmentation="stores")

    read: Callable[[io.BytesIO], pd.DataFrame] = getattr(pd, f"read_{kind}")
    back = read(io.BytesIO(content))
    assert back["status"][2] == "incomplete"
    answers = stores[["size", "weekend"]].assign(place=stores["place"].map({"city": 0.0, "mall": 1.0}))
    expected = SegmentModel.from_catalogue(store_catalogue()).label(answers.to_numpy(dtype=float), 1)
    assert back["segment"].drop(2).astype(int).tolist() == [label for row, label in enumerate(expected) if row != 2]
    assert set(back["segment_name"].drop(2)) == {"Corner", "Warehouse"}


@pytest.mark.parametrize(
    ("query", "archetype"),
    [
        ("size=90&weekend=0.2&place=city", "Corner"),
        ("size=2100&weekend=0.55&place=mall", "Warehouse"),
        ("size=2100", "Warehouse"),
    ],
)
def test_a_typed_store_gets_its_archetype_from_what_is_known_of_it(
    client: FlaskClient, query: str, archetype: str
) -> None:
    page = client.get(f"/type/stores?{query}").text
    assert re.search(rf'class="answer">.*{archetype}', page)


def test_an_example_of_each_archetype_is_one_click_away(client: FlaskClient) -> None:
    page = client.get("/type/stores").text
    for name in ("Corner", "Warehouse"):
        (address,) = re.findall(rf'<a href="([^"]+)">{name}</a>', page)
        assert re.search(rf'class="answer">.*{name}', client.get(address.replace("&amp;", "&")).text)
