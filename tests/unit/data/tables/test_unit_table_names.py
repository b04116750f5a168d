"""Which names a respondent table may have; no database is asked."""

import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import Words
from dtc_data.core import UnitTableError
from dtc_data.tables import IngestResult, UnitTable


def test_the_catalogue_names_the_table(small_catalogue: Catalogue) -> None:
    assert UnitTable(small_catalogue).name == "small_features"
    assert UnitTable(small_catalogue, "another").name == "another"


@pytest.mark.parametrize(
    "name",
    ["", " ", "A", "1a", "a b", "a-b", "a;b", 'a"b', "a.b", "public.a", "a\n", "a'--", "\u00e4", "x" * 64, "select", "user"],
)  # fmt: skip
def test_a_name_that_would_need_quotes_is_refused(name: str, small_catalogue: Catalogue) -> None:
    with pytest.raises(UnitTableError) as caught:
        UnitTable(small_catalogue, name)

    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("name", ["drift_verdicts", "label_history", "promotions", "pg_class", "incoming_units"])
def test_the_products_own_tables_are_refused(name: str, small_catalogue: Catalogue) -> None:
    with pytest.raises(UnitTableError, match="begins like another table"):
        UnitTable(small_catalogue, name)


def test_a_result_reads_as_a_sentence_in_the_words_of_the_catalogue(small_catalogue: Catalogue) -> None:
    words, customers = small_catalogue.words, Words("customer", "customers", "segment", "segments")
    assert str(IngestResult(2, 3, words)) == "2 respondents inserted, 3 unchanged"
    assert str(IngestResult(0, 3, customers)) == "nothing changed: all 3 customers were already there"
