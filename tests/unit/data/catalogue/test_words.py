"""What a catalogue calls its units and segments, and what follows for the columns of tables and files."""

from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import Words
from pydantic import ValidationError

DOCUMENT: dict[str, Any] = {
    "name": "Shoppers",
    "registered_model": "shopper_model",
    "features": [{"name": "price"}],
    "segments": [{"id": 1, "name": "Champions", "centroid": [1]}, {"id": 2, "name": "Sleepers", "centroid": [2]}],
}


def test_without_words_there_are_units_and_segments() -> None:
    catalogue = Catalogue.model_validate(DOCUMENT)
    assert catalogue.words == Words("unit", "units", "segment", "segments")
    assert catalogue.segment_column == "segment"


@pytest.mark.parametrize(
    ("unit", "units"),
    [
        ("customer", "customers"),
        ({"singular": "store"}, "stores"),
        ({"singular": "person", "plural": "people"}, "people"),
    ],
)
def test_a_catalogue_says_what_it_calls_its_units(unit: object, units: str) -> None:
    assert Catalogue.model_validate(DOCUMENT | {"unit": unit}).words.units == units


def test_the_shipped_catalogue_speaks_of_respondents_and_personas_and_its_table_is_as_it_was(
    catalogue: Catalogue,
) -> None:
    assert catalogue.words == Words("respondent", "respondents", "persona", "personas")
    assert (catalogue.unit_table, catalogue.id_column, catalogue.segment_column) == (
        "customer_features",
        "customer_id",
        "persona",
    )


def test_a_catalogue_from_before_words_speaks_of_respondents_and_personas() -> None:
    old = {key: value for key, value in DOCUMENT.items() if key != "segments"} | {"personas": DOCUMENT["segments"]}
    assert Catalogue.model_validate(old).words == Words("respondent", "respondents", "persona", "personas")
    assert Catalogue.model_validate(old | {"unit": "customer"}).words.units == "customers"


@pytest.mark.parametrize("key", ["table", "respondent_table", "unit_table"])
def test_the_table_may_be_named_by_any_of_its_keys(key: str) -> None:
    assert Catalogue.model_validate(DOCUMENT | {key: "shoppers"}).unit_table == "shoppers"


@pytest.mark.parametrize(
    ("in_files", "in_table"),
    [("store_id", "store_id"), ("Kundennummer", "unit_id"), ("select", "unit_id"), ("sample", "unit_id")],
)
def test_the_id_is_called_in_the_table_as_in_files_where_a_column_can_be_called_so(
    in_files: str, in_table: str
) -> None:
    assert Catalogue.model_validate(DOCUMENT | {"columns": {"id": in_files}}).id_column == in_table


def test_words_and_counts_are_put_together_for_messages() -> None:
    words = Words("person", "people", "group", "groups")
    assert [words.units_counted(count) for count in (0, 1, 1200)] == ["0 people", "1 person", "1,200 people"]


@pytest.mark.parametrize("word", ["", " ", "two\nlines", 7])
def test_a_word_is_a_text_on_one_line(word: object) -> None:
    with pytest.raises(ValidationError):
        Catalogue.model_validate(DOCUMENT | {"segment": word})
