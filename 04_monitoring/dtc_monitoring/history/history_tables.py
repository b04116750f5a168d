"""The history of the segments as tables for a terminal, 100 columns wide or more.

Segments stand in rows and waves in columns, since a segment's name is long; more waves than fit begin another table.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from dtc_data.catalogue import Words, capital
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dtc_monitoring.checks import move_words
from dtc_monitoring.history.movement import Transitions, row_shares
from dtc_monitoring.history.share_change import ShareChange
from dtc_monitoring.history.wave_by_wave import SegmentHistory
from dtc_monitoring.history.wave_summary import WaveSummary
from dtc_monitoring.verdict import STATUS_WORDS

WAVES_PER_TABLE: Final = 6
"""How many waves stand next to each other."""

MISSING: Final = "-"
WITHDRAWN: Final = "(w)"
"""Marks what rests on rows that were withdrawn later."""


def print_history(history: SegmentHistory, console: Console, command: Callable[[str], str] = "make {}".format) -> None:
    """Print everything, each table under a sentence that says how to read it.

    ``command`` writes a make command for the segmentation, see `dtc_data.catalogue.Segmentation.command`.
    """
    words = history.catalogue.words
    if not history.waves:
        console.print(f"There are no {words.units} yet.")
        _print_withdrawals(history, console)
        return
    _print_waves(history.waves, words, console, command)
    _print_changes(history.changes, words, console)
    _print_transitions(history.transitions, words, console)
    _print_moves(history, console)
    _print_labellings(history, console)
    _print_withdrawals(history, console)
    _print_promotions(history, console)
    for problem in dict.fromkeys(history.problems.values()):
        versions = ", ".join(version for version, why in history.problems.items() if why == problem)
        console.print(f"[bold]Cannot be read: version {escape(versions)}[/bold] ({escape(problem)})")


def _print_waves(waves: Sequence[WaveSummary], words: Words, console: Console, command: Callable[[str], str]) -> None:
    console.print(
        "[bold]Waves[/bold]: the verdict of the newest drift check, who gave the labels, the mean distance to the own "
        f"{words.segment} (the smaller, the better the {words.segments} fit), and the share of each {words.segment}. Distance and shares are by the "
        "version that labelled; alerts and reports take the catalogue's centroids for all waves."
    )
    for start in range(0, len(waves), WAVES_PER_TABLE):
        part = waves[start : start + WAVES_PER_TABLE]
        table = _table("", *(str(wave.wave) for wave in part))
        table.add_row("verdict", *map(_verdict, part))
        table.add_row(words.units, *(f"{wave.units:,}" for wave in part))
        if any(wave.unlabelled for wave in part):
            table.add_row(f"without a {words.segment}", *(f"{wave.unlabelled:,}" for wave in part))
        table.add_row("labelled by version", *(escape(wave.version or MISSING) for wave in part))
        distances = (MISSING if wave.mean_distance is None else f"{wave.mean_distance:.2f}" for wave in part)
        table.add_row("mean distance", *distances, end_section=True)
        for name in dict.fromkeys(name for wave in part for name in wave.shares):
            table.add_row(escape(name), *(_percent(wave.shares.get(name)) for wave in part))
        console.print(table)
        console.print()
    if sampled := [wave for wave in waves if wave.sampled]:
        error = max(wave.sample_error or 0.0 for wave in sampled)
        named = ", ".join(f"{wave.wave} ({wave.sampled:,} {words.units})" for wave in sampled)
        console.print(
            f"Mean distances rest on a sample of {named}, chosen by a hash of their ids: off by at most {error:.2g} standard deviations "
            "of the distances in 95 of 100 such samples. Shares count everybody.\n"
        )
    if stale := [str(wave.wave) for wave in waves if wave.rests_on_withdrawn]:
        console.print(
            f"{WITHDRAWN} The verdict of {', '.join(stale)} rests on {words.units} who were withdrawn later: check again.\n"
        )
    if without := [str(wave.wave) for wave in waves if not wave.by_version]:
        label = command(f"label WAVE={without[0]}")
        console.print(f"Without labels, so without shares here: {', '.join(without)}. To label: {escape(label)}\n")


def _print_changes(changes: Sequence[ShareChange], words: Words, console: Console) -> None:
    if not changes:
        console.print("Nothing to compare: fewer than two waves are labelled.\n")
        return
    console.print(
        f"[bold]Changes of shares[/bold] in percentage points: what changed because other {words.units} came, and what because "
        "another model labelled. The two sum to the change."
    )
    table = _table("from", "to", words.segment, "change", f"{words.units} changed", "model changed", left=3)
    for change in changes:
        for position, name in enumerate(change.total):
            waves = (str(change.before), str(change.after)) if position == 0 else ("", "")
            people, model = (MISSING if part is None else _points(part[name]) for part in (change.people, change.model))
            last = position == len(change.total) - 1
            table.add_row(*waves, escape(name), _points(change.total[name]), people, model, end_section=last)
    console.print(table)
    for change in changes:
        if change.people is None:
            console.print(
                f"{change.before} to {change.after} cannot be split: version {escape(change.rule)}, which labelled "
                f"{change.before}, cannot be read."
            )
    console.print()


def _print_transitions(transitions: Transitions, words: Words, console: Console) -> None:
    if transitions.steps == 0:
        console.print(
            f"[bold]{capital(words.units)} that came back[/bold]: none has a {words.segment} in more than one wave.\n"
        )
        return
    console.print(
        f"[bold]{capital(words.units)} that came back[/bold]: from the {words.segment} of one wave (rows) to that of the next wave in which "
        "they have one (columns, by number), as number and as share of the row."
    )
    table = _table("from", *(str(number) for number in range(1, len(transitions.names) + 1)), "all")
    shares = row_shares(transitions.counts)
    for number, (name, row) in enumerate(zip(transitions.names, transitions.counts.tolist(), strict=True)):
        cells = (f"{count:,}\n{_share(share)}" for count, share in zip(row, shares[number].tolist(), strict=True))
        table.add_row(f"{number + 1} {escape(name)}", *cells, f"{sum(row):,}", end_section=True)
    console.print(table)
    kept = f"{transitions.stayed:,} of {transitions.steps:,} steps ({_share(transitions.stayed / transitions.steps)})"
    others = transitions.steps - transitions.same_version
    note = (
        f" In {others:,} steps another version labelled, which may be why a {words.segment} changed." if others else ""
    )
    console.print(f"{kept} keep the {words.segment}.{note}\n")


def _print_moves(history: SegmentHistory, console: Console) -> None:
    if not history.moves:
        return
    words = history.catalogue.words
    console.print(
        f"[bold]Moved by people[/bold]: {words.units} that belong to a {words.segment} whatever their features say."
    )
    for move in sorted(history.moves, key=lambda move: not move.is_flagged):
        mark = "[bold]! [/bold]" if move.is_flagged else "  "
        console.print(f"{mark}{escape(move_words(move, history.catalogue))}")
    console.print()


def _print_labellings(history: SegmentHistory, console: Console) -> None:
    if not history.labellings:
        console.print("[bold]Labels by models[/bold]: none are recorded yet.\n")
        return
    console.print("[bold]Labels by models[/bold]: which version gave new or other labels, and when.")
    table = _table("when", "wave", "version", "labels", left=2)
    for one in history.labellings:
        mark = f" {WITHDRAWN}" if history.is_withdrawn(one) else ""
        table.add_row(_moment(one.at), f"{one.wave}{mark}", escape(one.model_version), f"{one.labels:,}")
    console.print(table)
    if any(map(history.is_withdrawn, history.labellings)):
        console.print(f"{WITHDRAWN} Labels of {history.catalogue.words.units} who were withdrawn later.")
    console.print()


def _print_withdrawals(history: SegmentHistory, console: Console) -> None:
    if not history.withdrawals:
        return
    console.print("[bold]Withdrawn waves[/bold]: who took them back, when and why; their rows stay in the record.")
    table = _table("when", "wave", "by", "why", history.catalogue.words.units, left=4)
    for one in history.withdrawals:
        table.add_row(_moment(one.at), str(one.wave), escape(one.by), escape(one.why), f"{one.units:,}")
    console.print(table)
    console.print()


def _print_promotions(history: SegmentHistory, console: Console) -> None:
    if not history.promotions:
        console.print("[bold]Promotions[/bold]: none are recorded yet.\n")
        return
    console.print("[bold]Promotions[/bold]: who decided about a version, when and why.")
    table = _table("when", "what", "version", "before", "by", "why", left=6)
    for one in history.promotions:
        texts = (one.version, one.previous_version or MISSING, one.by, one.why)
        table.add_row(_moment(one.at), escape(one.action.replace("_", " ")), *map(escape, texts))
    console.print(table)
    console.print()


def _table(*headers: str, left: int = 1) -> Table:
    """Make a table of which the first columns hold text and the others numbers."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, padding=(0, 0, 0, 1))
    for position, header in enumerate(headers):
        # Text may be broken, a number never.
        is_text = position < left
        table.add_column(header, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold")
    return table


def _verdict(wave: WaveSummary) -> str:
    words = STATUS_WORDS.get(wave.verdict or "", MISSING)
    return f"{words} {WITHDRAWN}" if wave.rests_on_withdrawn else words


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.1%}"


def _share(share: float) -> str:
    return MISSING if math.isnan(share) else f"{share:.0%}"


def _points(change: float) -> str:
    text = f"{100 * change:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
