"""A drafted catalogue as a YAML file with comments, checked as a catalogue before anybody sees it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dtc_data.catalogue import Catalogue, load_catalogue

from dtc_service.delivery.catalogue_draft import CatalogueDraft, DraftedSegment
from dtc_service.errors import OutputError


def write_catalogue(draft: CatalogueDraft, path: str | Path) -> Catalogue:
    """Write a drafted catalogue, and return it as it is read back.

    Raises
    ------
    OutputError
        If the file exists already, since people edit catalogues, or cannot be written.
    CatalogueError
        If the draft is not a catalogue; nothing is written then.
    """
    target = Path(path)
    if target.suffix not in {".yaml", ".yml"}:
        raise OutputError(f"{path}: a catalogue is a YAML file: give a name that ends in .yaml")
    if target.exists():
        raise OutputError(
            f"{path} exists already, and somebody may have edited it: give another name, or delete it first"
        )
    unfinished = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    try:
        unfinished.write_text("\n".join(catalogue_lines(draft, target.stem)) + "\n", encoding="utf-8")
        catalogue = load_catalogue(unfinished)
        unfinished.rename(target)
    except OSError as error:
        raise OutputError(f"{path}: the file cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return catalogue


def catalogue_lines(draft: CatalogueDraft, name: str) -> Iterator[str]:
    """Write a draft line by line."""
    yield f"# Drafted on {datetime.now(UTC):%Y-%m-%d} from {draft.source}. Read what was assumed, correct it, and give names."
    yield "# 00_create_data/catalogues/dtc_personas.yaml explains every key."
    yield "#"
    yield "# Assumed:"
    for assumption in draft.assumptions:
        yield f"#   - {assumption}"
    yield ""
    yield f"name: {_plain(name.replace('_', ' ').capitalize())}"
    yield f"unit_table: {_plain(_table_name(name))}"
    yield f"registered_model: {_plain(_table_name(name))}"
    yield "unit: respondent"
    yield "segment: persona"
    yield f"source: {_plain(draft.source)}"
    if draft.columns:
        yield f"columns: {_flow(draft.columns)}"
    if draft.minimum_answered is not None:
        yield f"missing_answers: {{minimum_answered: {draft.minimum_answered}}}  # as few as the vendor labelled"
    if draft.in_z_units:
        yield "centroid_units: z"
    yield from _features(draft)
    yield "segments:"
    for segment in draft.segments:
        yield from _segment(segment, draft)


def _features(draft: CatalogueDraft) -> Iterator[str]:
    yield "\nfeatures:"
    said = ""
    for feature in draft.features:
        if feature.assumed != said:
            said = feature.assumed
            yield f"  # {said}"
        yield f"  - {_flow(feature.entry)}"
    yield ""


def _segment(segment: DraftedSegment, draft: CatalogueDraft) -> Iterator[str]:
    mark = "-"
    for key, value in segment.entry.items():
        yield f"  {mark} {key}: {_plain(value)}"
        mark = " "
    if not segment.entry.get("description"):
        yield "    # description: one sentence for a reader who has never met these people"
    yield "    centroid:"
    for feature, typical in zip(draft.features, segment.centroid, strict=True):
        value = _flow(typical) if isinstance(typical, Mapping) else _plain(typical)
        yield f"      - {value}  # {' '.join(str(feature.entry.get('column', feature.name)).split())}"


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{_key(key)}: {_plain(value)}" for key, value in values.items()) + "}"


def _key(key: str) -> str:
    return (
        key
        if key.isidentifier() and key.lower() not in {"yes", "no", "on", "off", "true", "false", "y", "n", "null"}
        else _plain(key)
    )


def _plain(value: Any) -> str:
    """Write a value; a JSON text is a YAML text, whatever it holds."""
    if isinstance(value, Mapping):
        return _flow(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, float) and "e" in (written := repr(value)) and "." not in written:
        return written.replace("e", ".0e")  # YAML takes 1e-05 for a text
    return json.dumps(value, ensure_ascii=False)


def _table_name(name: str) -> str:
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())
    return kept if kept[:1].isalpha() else f"s_{kept}"
