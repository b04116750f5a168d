"""The persona catalogue: what is valid, and how each mistake is named."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dtc_data import Catalogue, load_catalogue
from dtc_data.catalogue import LARGEST_SCALED
from dtc_data.core import CatalogueError

Document = dict[str, Any]

VALID: Document = {
    "name": "Shoppers",
    "unit_table": "shoppers",
    "registered_model": "shopper_model",
    "source": "a vendor",
    "columns": {"id": "respondent", "date": "asked_on"},
    "missing_answers": {"minimum_answered": 1},
    "features": [
        {"name": "price", "minimum": 1, "maximum": 5, "description": "How much does the price matter?"},
        {"name": "visits", "scale": 10.0},
    ],
    "personas": [
        {"id": 3, "name": "Thrifty Theo", "description": "Waits for the sale.", "centroid": [5, 30.5]},
        {"id": 0, "name": "Green Greta", "centroid": [1.5, 2]},
    ],
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_text(text: str) -> Path:
        path = tmp_path / "personas.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


def test_a_valid_catalogue_is_read_with_everything_in_it(write: Callable[[str], Path]) -> None:
    catalogue = load_catalogue(write(yaml.safe_dump(VALID)))

    assert catalogue.feature_names == ("price", "visits")
    assert catalogue.scales.tolist() == [1.0, 10.0]
    assert catalogue.limits.tolist() == [[1.0, -10 * LARGEST_SCALED], [5.0, 10 * LARGEST_SCALED]]
    assert catalogue.centroids.tolist() == [[5.0, 30.5], [1.5, 2.0]]
    assert catalogue.segment_ids == (3, 0)
    assert catalogue.segment_names == ("Thrifty Theo", "Green Greta")
    assert catalogue.columns.id == "respondent"
    assert catalogue.columns.date == "asked_on"
    assert catalogue.missing_answers.minimum_answered == 1


def test_a_catalogue_cannot_be_changed(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="frozen"):
        catalogue.name = "another"  # type: ignore[misc]  # what mypy forbids is what is tested


def test_what_may_be_left_out_has_a_value(write: Callable[[str], Path]) -> None:
    required = {key: VALID[key] for key in ("name", "registered_model", "features", "personas")}

    catalogue = load_catalogue(write(yaml.safe_dump(required)))

    assert catalogue.unit_table == "personas", "as the file is called"
    assert (catalogue.columns.id, catalogue.columns.date) == ("customer_id", "date")
    assert catalogue.missing_answers.minimum_answered is None


def test_a_feature_of_the_weight_column_s_name_is_a_feature_and_the_weights_may_be_called_otherwise(
    write: Callable[[str], Path],
) -> None:
    document = copy.deepcopy(VALID)
    assert load_catalogue(write(yaml.safe_dump(document))).weight_column == "weight"
    document["features"][0]["name"] = "weight"
    assert load_catalogue(write(yaml.safe_dump(document))).weight_column is None
    document["columns"]["weight"] = "Design weight"
    assert load_catalogue(write(yaml.safe_dump(document))).weight_column == "Design weight"


def put(*path: str | int, value: Any) -> Callable[[Document], None]:
    """Make a change that sets the entry at a path."""

    def change(document: Document) -> None:
        entry: Any = document
        for step in path[:-1]:
            entry = entry[step]
        entry[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[Document], None]:
    """Make a change that deletes the entry at a path."""

    def change(document: Document) -> None:
        entry: Any = document
        for step in path[:-1]:
            entry = entry[step]
        del entry[path[-1]]

    return change


def close_centroids(document: Document) -> None:
    """Change the centroids so that their difference is lost when it is squared."""
    put("personas", 0, "centroid", value=[1.5, 1e-200])(document)
    put("personas", 1, "centroid", value=[1.5, 0.0])(document)


THEO = "personas number 1 ('Thrifty Theo')"

MISTAKES: dict[str, tuple[Callable[[Document], None], str]] = {
    "no name": (drop("name"), "name: is missing"),
    "no features": (drop("features"), "features: is missing"),
    "no personas": (drop("personas"), "segments: is missing"),
    "unknown key": (put("colour", value="red"), "colour: unknown key"),
    "unknown key of a feature": (put("features", 1, "unit", value="m"), "features number 2 ('visits'), unit: unknown key"),
    "unknown key of a persona": (put("personas", 0, "age", value=30), f"{THEO}, age: unknown key"),
    "unknown key of columns": (put("columns", "wafe", value="w"), "columns, wafe: unknown key"),
    "blank name": (put("name", value=" "), "name: must not be blank"),
    "name on two lines": (put("name", value="a survey\nof winter\n"), "name: must be on one line, not 'a survey\\nof winter\\n'"),
    "persona's name on two lines": (put("personas", 0, "name", value="Theo\n"), "name: must be on one line"),
    "persona's name with a terminal's command": (put("personas", 0, "name", value="\x1b[31mTheo"), "name: must be on one line"),
    "persona's name that turns the text": (put("personas", 0, "name", value="\u202eoehT"), "name: must be on one line"),
    "persona's name too long": (put("personas", 0, "name", value="T" * 201), "name: may have at most 200 characters"),
    "number as a name": (put("name", value=7), "name: must be text, not 7"),
    "no feature": (put("features", value=[]), "features: "),
    "features are a mapping": (put("features", value={"price": 1}), "features: must be a list"),
    "a feature is a word": (put("features", 0, value="price"), "features number 1: must be a mapping, not 'price'"),
    "feature without a name": (drop("features", 1, "name"), "features number 2, name: is missing"),
    "yes/no as a feature's name": (put("features", 0, "name", value=True), "name: must be text, not True"),
    "feature with a capital": (put("features", 0, "name", value="Price"), "features number 1 ('Price'): name 'Price' must be"),
    "feature with SQL": (put("features", 0, "name", value='x"; DROP'), "must be lower-case letters"),
    "feature like a column": (put("features", 0, "name", value="persona"), "is the name of a column that every unit table or frame has"),
    "feature like a system column": (put("features", 0, "name", value="xmin"), "is the name of a column that every unit table or frame has"),
    "feature like a word of SQL": (put("features", 0, "name", value="order"), "is a reserved word of SQL"),
    "feature too long": (put("features", 0, "name", value="x" * 64), "at most 63"),
    "feature twice": (put("features", 1, "name", value="price"), "feature name 'price' is given twice"),
    "scale zero": (put("features", 1, "scale", value=0), "features number 2 ('visits'), scale: "),
    "scale negative": (put("features", 1, "scale", value=-1.0), "features number 2 ('visits'), scale: "),
    "scale NaN": (put("features", 1, "scale", value=math.nan), "scale: must be a finite number, not nan"),
    "scale as text": (put("features", 1, "scale", value="10"), "scale: must be a number, not '10'"),
    "limits the wrong way round": (put("features", 0, "maximum", value=1), "minimum 1 is not below maximum 1"),
    "only one persona": (drop("personas", 1), "personas: "),
    "no persona at all": (put("personas", value=[]), "personas: "),
    "persona without an id": (drop("personas", 0, "id"), f"{THEO}, id: is missing"),
    "persona without a name": (drop("personas", 0, "name"), "personas number 1, name: is missing"),
    "persona without a centroid": (drop("personas", 0, "centroid"), f"{THEO}, centroid: is missing"),
    "id as text": (put("personas", 0, "id", value="3"), f"{THEO}, id: must be a whole number, not '3'"),
    "id as a boolean": (put("personas", 0, "id", value=True), f"{THEO}, id: must be a whole number, not True"),
    "id with a fraction": (put("personas", 0, "id", value=1.5), f"{THEO}, id: must be a whole number, not 1.5"),
    "id negative": (put("personas", 0, "id", value=-1), f"{THEO}, id: "),
    "id beyond Postgres' integer": (put("personas", 0, "id", value=2**31), f"{THEO}, id: "),
    "id twice": (put("personas", 0, "id", value=0), "persona id 0 is given twice"),
    "persona name twice": (put("personas", 0, "name", value="Green Greta"), "persona name 'Green Greta' is given twice"),
    "centroid too short": (put("personas", 0, "centroid", value=[1]), "'Thrifty Theo' has a centroid of 1 numbers, but there are 2"),
    "centroid too long": (put("personas", 0, "centroid", value=[1, 2, 3]), "'Thrifty Theo' has a centroid of 3 numbers"),
    "centroid empty": (put("personas", 0, "centroid", value=[]), f"{THEO}, centroid: "),
    "centroid is a number": (put("personas", 0, "centroid", value=1), f"{THEO}, centroid: must be a list, not 1"),
    "NaN": (put("personas", 0, "centroid", 1, value=math.nan), f"{THEO}, centroid number 2: must be a finite number, not nan"),
    "infinity": (put("personas", 0, "centroid", 1, value=-math.inf), f"{THEO}, centroid number 2: must be a finite number"),
    "text as a number": (put("personas", 0, "centroid", 1, value="1e5"), "persona 'Thrifty Theo': the centroid's '1e5' for 'visits' must be a number"),
    "boolean as a number": (put("personas", 0, "centroid", 1, value=True), f"{THEO}, centroid number 2: must be a number"),
    "nothing as a number": (put("personas", 0, "centroid", 1, value=None), f"{THEO}, centroid number 2: must be a number"),
    "too large an integer": (put("personas", 0, "centroid", 1, value=10**400), f"{THEO}, centroid number 2: "),
    "outside the range": (put("personas", 0, "centroid", 0, value=6), "'Thrifty Theo': the centroid's 6 for 'price' lies outside"),
    "too far for distances": (put("personas", 0, "centroid", 1, value=1e300), "for 'visits' lies outside"),
    "identical centroids": (put("personas", 0, "centroid", value=[1.5, 2.0]), "'Thrifty Theo' and 'Green Greta' have identical centroids"),
    "centroids too close for a distance": (close_centroids, "have identical centroids"),
    "table like SQL": (put("unit_table", value="a; DROP TABLE b"), "unit_table 'a; DROP TABLE b' must be"),
    "table of the product": (put("unit_table", value="drift_verdicts"), "begins like another table of the product"),
    "model with a slash": (put("registered_model", value="a/b"), "registered_model 'a/b' may hold"),
    "id and date in one column": (put("columns", "date", value="respondent"), "'respondent' is given twice"),
    "id column like a feature": (put("columns", "id", value="price"), "'price' is given twice"),
    "date column like the persona": (put("columns", "date", value="persona"), "'persona' is given twice"),
    "weight column like a feature": (put("columns", "weight", value="price"), "'price' is given twice"),
    "feature like the table's weight": (put("features", 0, "name", value="survey_weight"), "is the name of a column that every unit table or frame has"),
    "no answers needed": (put("missing_answers", "minimum_answered", value=0), "missing_answers, minimum_answered: "),
    "more answers than features": (put("missing_answers", "minimum_answered", value=3), "is 3, but there are 2 features"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_with_the_file_and_the_entry(mistake: str, write: Callable[[str], Path]) -> None:
    change, expected = MISTAKES[mistake]
    document = copy.deepcopy(VALID)
    change(document)
    path = write(yaml.safe_dump(document))

    with pytest.raises(CatalogueError) as caught:
        load_catalogue(path)

    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize("name", ['O\'Brien "x" <b> & $5', "🧔🏽‍♂️ Steve", "שלום עולם", "王先生", "T" * 200])
def test_a_segment_may_have_a_name_in_any_script(name: str, write: Callable[[str], Path]) -> None:
    document = copy.deepcopy(VALID)
    put("personas", 0, "name", value=name)(document)
    assert load_catalogue(write(yaml.safe_dump(document))).segment_names[0] == name


def test_all_mistakes_of_a_kind_are_named_at_once(write: Callable[[str], Path]) -> None:
    document = copy.deepcopy(VALID)
    document["features"][0]["scale"] = "wide"
    document["personas"][1]["id"] = None

    with pytest.raises(CatalogueError) as caught:
        load_catalogue(write(yaml.safe_dump(document)))

    assert "features number 1 ('price'), scale: " in str(caught.value)
    assert "personas number 2 ('Green Greta'), id: " in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "the file is empty", id="an empty file"),
        pytest.param("# nothing but a comment\n", "the file is empty", id="only a comment"),
        pytest.param("- a\n- b\n", "the file is a list", id="a list at the top"),
        pytest.param("personas", "the file is a str", id="a word"),
        pytest.param("name: [1, 2", "not a valid YAML file", id="an unclosed bracket"),
        pytest.param("name: a\n\tsource: b", "not a valid YAML file", id="a tab"),
        pytest.param("name: a\nsource: b\nname: c\n", "key 'name' is given twice", id="a key twice"),
        pytest.param("columns:\n  id: a\n  id: b\n", "key 'id' is given twice", id="a key twice further down"),
        pytest.param("name: !!python/object/apply:os.getcwd []", "not a valid YAML file", id="a Python object"),
        pytest.param("name: 2025-02-30", "not a valid YAML file", id="a date that does not exist"),
        pytest.param("a: " + "[" * 5_000, "not a valid YAML file", id="nested too deep"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(text: str, expected: str, write: Callable[[str], Path]) -> None:
    path = write(text)

    with pytest.raises(CatalogueError) as caught:
        load_catalogue(path)

    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


def test_a_repeated_key_is_named_with_its_line(write: Callable[[str], Path]) -> None:
    with pytest.raises(CatalogueError, match=r"key 'name' is given twice line 2"):
        load_catalogue(write("# a comment\nname: a\nsource: b\nname: c\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.yaml: .*No such file"):
        load_catalogue(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_catalogue(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "personas.yaml"
    path.write_bytes("name: Käufer".encode("latin-1"))

    with pytest.raises(CatalogueError, match="UTF-8"):
        load_catalogue(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "personas.yaml"
    path.write_text(yaml.safe_dump(VALID), encoding="utf-8-sig")

    assert load_catalogue(path).name == "Shoppers"
