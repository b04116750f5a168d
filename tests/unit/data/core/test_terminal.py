"""Output that a terminal with fewer letters can show, too."""

import io
import sys

import pytest
from dtc_data.core.terminal import write_every_letter


def written(text: str, encoding: str, monkeypatch: pytest.MonkeyPatch, errors: str = "strict") -> bytes:
    """Write a text to a terminal, and give what arrives."""
    arrived = io.BytesIO()
    terminal = io.TextIOWrapper(arrived, encoding=encoding, errors=errors, write_through=True)
    monkeypatch.setattr(sys, "stdout", terminal)
    write_every_letter()
    terminal.write(text)
    return arrived.getvalue()


def test_letters_that_are_missing_become_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written("✓ 60 % → 50 % … “ok” ██", "ascii", monkeypatch) == b'+ 60 % -> 50 % ... "ok" ##'


def test_an_accent_goes_and_what_has_no_nearest_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written("Zoë Łucja 买", "latin-1", monkeypatch) == "Zoë ?ucja ?".encode("latin-1")
    assert written("Zoë Ågren 买", "ascii", monkeypatch) == b"Zoe Agren ?"


def test_a_terminal_in_the_c_locale_takes_every_letter_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written("done …", "ascii", monkeypatch, errors="surrogateescape") == b"done ..."


def test_utf_8_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written("✓ Zoë → 买", "utf-8", monkeypatch) == "✓ Zoë → 买".encode()


def test_an_output_that_is_no_text_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = io.StringIO()
    monkeypatch.setattr(sys, "stdout", notebook)
    write_every_letter()
    notebook.write("…")
    assert notebook.getvalue() == "…"
