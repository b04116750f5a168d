"""Who is who in a survey file, with and without a column of ids."""

from fakes.survey_files import GOOD_ROW, HEADER, Reader, refusal

WITHOUT_IDS = "date,price,ecology,visits"
ROWS = ("2025-01-15,1,2,3", "2025-01-15,1,2,4", "2025-02-15,1,2,3")


def test_a_unit_with_the_same_date_twice_is_refused(read: Reader) -> None:
    message = refusal(read, HEADER, GOOD_ROW, "B,2025-01-15,1,2,3,", "A,2025-01-15T00:00:00Z,4,4,4,")

    assert "line 4: the respondent 'A' with this date is on line 2 already" in message


def test_a_unit_may_come_again_on_another_date(read: Reader) -> None:
    assert len(read(HEADER, GOOD_ROW, GOOD_ROW.replace("01-15", "02-15"))) == 2


def test_a_repeated_person_and_a_bad_cell_are_named_together(read: Reader) -> None:
    message = refusal(read, HEADER, GOOD_ROW, GOOD_ROW, "B,2025-01-15,one,2,3,")

    assert "line 3: the respondent 'A'" in message
    assert "line 4, column 'price'" in message


def test_ids_name_the_wave_and_differ(read: Reader) -> None:
    ids = read(WITHOUT_IDS, *ROWS)["unit_id"]

    assert ids.str[:8].tolist() == ["2025-01-", "2025-01-", "2025-02-"]
    assert ids.is_unique


def test_the_same_answers_give_the_same_ids_however_they_are_written(read: Reader) -> None:
    ids = read(WITHOUT_IDS, *ROWS)["unit_id"].tolist()
    rewritten = read("visits,price,date,ecology", *reversed([
        "3.0,1,2025-01-15T00:00:00Z,2", "4,+1,2025-01-15,2e0", "3,1,2025-02-15,2",
    ]))  # fmt: skip

    assert rewritten["unit_id"].tolist() == ids[::-1]


def test_zero_has_no_sign(read: Reader) -> None:
    assert read(WITHOUT_IDS, "2025-01-15,0,0,0")["unit_id"].equals(read(WITHOUT_IDS, "2025-01-15,-0,-0.0,0")["unit_id"])


def test_rows_that_cannot_be_told_apart_are_refused_with_the_way_out(read: Reader) -> None:
    message = refusal(read, WITHOUT_IDS, *ROWS, "2025-01-15,1.0,2,4")

    assert "line 5: date and answers repeat line 3" in message
    assert "add a column 'customer_id'" in message
