"""The agreement with the vendor's labels as text for a terminal or a page."""

import math
from typing import Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dtc_service.delivery.agreement import HARDLY, Agreement

SHOWN: Final = 10
"""Units and features that are shown in full; the others are counted."""
TURNED_SHOWN: Final = 3


def print_agreement(found: Agreement, console: Console) -> None:
    """Print everything, what matters most first."""
    words = found.catalogue.words
    console.print(
        f"[bold]{found.agreeing:,} of {found.units:,} {words.units} ({found.share:.1%}) get the vendor's {words.segment}[/bold] "
        f"by the catalogue {escape(repr(found.catalogue.name))}."
    )
    if found.without_label:
        console.print(f"{words.units_counted(found.without_label)} without one from the vendor are not compared.")
    if found.empty:
        console.print(f"[bold]Nobody gets: {escape(', '.join(found.empty))}.[/bold]")
    _print_suspicion(found, console)
    _print_counts(found, console)
    _print_differences(found, console)
    _print_features(found, console)


def _print_suspicion(found: Agreement, console: Console) -> None:
    for effect in found.look_reversed[:TURNED_SHOWN]:
        console.print(
            f"{escape(effect.name)} looks reversed: turned about, {effect.agreement_if_turned:.1%} would agree. "
            "If it is, write reversed: true, and its typical answers as they count."
        )
    if found.empty and not found.look_reversed:
        console.print(
            f"Are the typical answers in another unit than the answers, such as z-scores (centroid_units: z, with mean and "
            f"sd), shares in percent, or another scale? Compare a {found.catalogue.words.segment}'s centroid with what people answer."
        )


def _print_counts(found: Agreement, console: Console) -> None:
    names = found.catalogue.segment_names
    console.print("\nBy the vendor (rows) and by the catalogue (columns, by number):")
    table = _table("vendor", *map(str, range(1, len(names) + 1)), "none", "all")
    for number, (name, row) in enumerate(zip(names, found.counts.tolist(), strict=True), start=1):
        table.add_row(f"{number} {escape(name)}", *(f"{count:,}" for count in row), f"{sum(row):,}")
    console.print(table)


def _print_differences(found: Agreement, console: Console) -> None:
    if not found.differences:
        return
    words = found.catalogue.words
    console.print(
        f"\n{words.units_counted(len(found.differences))} differ. The gap says by how little: 0 where both {words.segments} "
        "are equally near, 0.10 where the catalogue's is a tenth nearer. Those that differ most clearly tell most."
    )
    clearest = sorted(found.differences, key=lambda one: -math.inf if math.isnan(one.gap) else one.gap, reverse=True)
    table = _table(words.unit, "vendor", "catalogue", "gap", left=3)
    for one in clearest[:SHOWN]:
        gap = "-" if math.isnan(one.gap) else f"{one.gap:.3f}"
        table.add_row(escape(one.unit_id), escape(one.by_vendor), escape(one.by_rule or "none"), gap)
    console.print(table)
    if len(clearest) > SHOWN:
        near = sum(one.gap < 0.05 for one in found.differences)  # noqa: PLR2004 - said in the sentence
        console.print(f"and {len(clearest) - SHOWN:,} more; of all, {near:,} have a gap below 0.05.")


def _print_features(found: Agreement, console: Console) -> None:
    if not found.hardly_matter:
        return
    console.print(
        f"\nHardly matter (each of them alone could be left out: fewer than {HARDLY:.1%} of the labels would be others):"
    )
    shown = [f"{escape(effect.name)} ({effect.changed:.1%})" for effect in found.hardly_matter[:SHOWN]]
    rest = len(found.hardly_matter) - len(shown)
    console.print(", ".join(shown) + (f" and {rest} more" if rest else ""))


def _table(*headers: str, left: int = 1) -> Table:
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for position, header in enumerate(headers):
        table.add_column(header, justify="left" if position < left else "right", overflow="fold")
    return table
