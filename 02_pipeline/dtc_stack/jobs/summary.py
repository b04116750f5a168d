"""What the main job came to: for people on the terminal, for programs as JSON."""

import json
from pathlib import Path
from typing import Any

from dtc_data import Wave
from dtc_model.decisions import UNCHANGED
from dtc_monitoring.verdict import STATUS_WORDS
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dtc_stack.jobs.main_job import JobOutcome, WaveOutcome

NAMED_COLUMNS = 5
"""How many of the columns that changed over all the table names; the report in MLflow has all."""
COLOURS = {"stable": "green", "mix_shift": "yellow", "drift": "red", "cannot_tell": "yellow"}
BAR_CELLS = 24
"""Width of a full bar."""


def show(outcome: JobOutcome, urls: dict[str, str], login: str, console: Console) -> None:
    """Print the verdicts, what was trained, the personas' shares, and where to look next."""
    console.print(
        f"\n[bold]{escape(outcome.catalogue.name)}: {len(outcome.waves)} waves against {outcome.reference_wave}[/]\n"
    )
    console.print(_verdicts(outcome))
    for wave in outcome.waves:
        if wave.trained:
            console.print(_trained(wave), markup=False)
    for wave in outcome.waves:
        if wave.beside:
            console.print(f"{wave.wave}: {' '.join(wave.beside)}", markup=False)
    labels = "by the version in production after each check" if outcome.is_labelled_wave_by_wave else "by that version"
    console.print(f"\nIn production: version {outcome.production_version}. Labels {labels}:\n", markup=False)
    console.print(_shares(outcome))
    for sent, answered in outcome.answered:
        console.print(f"A {outcome.catalogue.words.unit} like {sent} sent to the service: {answered}", markup=False)
    console.print()
    for name, url in urls.items():
        console.print(f"  {name:<12} {url}", markup=False)
    console.print(f"  {login}\n", markup=False)


def tell(wave: WaveOutcome, reference: Wave) -> list[str]:
    """Say in sentences what one run found and did, and where to read on."""
    lines = [f"{STATUS_WORDS[wave.status]} in {wave.wave} against {reference}: {wave.why}.", *wave.beside]
    lines.append(_trained(wave) if wave.trained else "Nothing was trained.")
    return lines + ([f"Report: {wave.report_url}"] if wave.report_url else [])


def _verdicts(outcome: JobOutcome) -> Table:
    # What is beside the verdict gives its reason; the answers over all also change with the mix, and decide nothing.
    measured = "answers" if outcome.catalogue.transactions is None and outcome.catalogue.stores is None else "features"
    table = Table("wave", "verdict", "why", f"{measured} that changed over all", "what was done")
    for wave in outcome.waves:
        columns = f"{wave.drifted_share:.0%}" + (f" ({_some(wave.drifted_columns)})" if wave.drifted_columns else "")
        verdict = f"[{COLOURS[wave.status]}]{STATUS_WORDS[wave.status]}[/]"
        table.add_row(str(wave.wave), verdict, escape(wave.why), escape(columns), _done(wave))
    return table


def _done(wave: WaveOutcome) -> str:
    if not wave.trained:
        return "nothing trained"
    if wave.candidate.get("decision") == UNCHANGED:
        return f"the same model as version {wave.candidate['version']}, in production"
    return f"version {wave.candidate['version']}, {'promoted' if wave.candidate.get('promoted') else 'not promoted'}"


def _some(columns: tuple[str, ...]) -> str:
    more = len(columns) - NAMED_COLUMNS
    return ", ".join(columns[:NAMED_COLUMNS]) + (f" and {more} more" if more > 0 else "")


def _trained(wave: WaveOutcome) -> str:
    found = wave.candidate
    if found.get("decision") == UNCHANGED:
        return f"{wave.wave}: {found['reason']}"
    text = (
        f"{wave.wave}: KMeans with k = {found['k']} (silhouette {found['silhouette']:.3f}, "
        f"ratio {found['silhouette_inertia_ratio']:.5f}) became version {found['version']}"
    )
    if found.get("fitted_on"):
        text += f", {found['fitted_on']}"
    if found.get("sweep_end"):
        text += f" ({found['sweep_end']})"
    return text + (", now in production." if found["promoted"] else f"; not promoted: {found['reason']}")


def _shares(outcome: JobOutcome) -> Table:
    names = outcome.catalogue.segment_names
    table = Table("wave", *map(escape, names))
    for wave, shares in outcome.shares.items():
        table.add_row(str(wave), *(_bar(shares.get(name, 0.0)) for name in names))
    return table


def _bar(share: float) -> str:
    return f"{share:5.1%} [cyan]{'█' * round(share * BAR_CELLS)}[/]"


def as_document(outcome: JobOutcome, urls: dict[str, str]) -> dict[str, Any]:
    """Return the outcome as plain data."""
    waves: dict[str, Any] = {}
    for wave in outcome.waves:
        entry: dict[str, Any] = {
            "verdict": wave.status,
            "why": wave.why,
            "drifted_share": wave.drifted_share,
            "drifted_columns": list(wave.drifted_columns),
            "trained": wave.trained,
        }
        if wave.beside:
            entry["beside"] = list(wave.beside)
        if wave.trained:
            entry |= {name: wave.candidate[name] for name in ("k", "version", "promoted", "reason")}
        waves[str(wave.wave)] = entry
    return {
        "catalogue": outcome.catalogue.name,
        "reference_wave": str(outcome.reference_wave),
        "waves": waves,
        "production_version": outcome.production_version,
        "labels": {str(wave): shares for wave, shares in outcome.shares.items()},
        "urls": urls,
    }


def write(document: dict[str, Any], path: Path) -> None:
    """Write the document whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)
