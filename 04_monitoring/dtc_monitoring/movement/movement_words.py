"""Movement in words, for a terminal."""

from collections.abc import Sequence
from typing import Final

from dtc_data.catalogue import Words
from dtc_data.core import UNIT_ID

from dtc_monitoring.movement.moves import GONE, MODEL, NEW, Movement

SHOWN_FLOWS: Final = 12
"""Flows that are named; the file has all."""


def movement_lines(movement: Movement, words: Words) -> list[str]:
    """Say how many moved between two waves, from where to where, and why.

    Where only one thing can happen to a unit, beside another model, it goes without saying for those that came or went.
    """
    both, told = movement.in_both, movement.to_dict()
    head = f"{movement.before} to {movement.after}: {movement.changed_share:.1%} of the {len(both):,} {words.units} in both waves changed {words.segment}"
    head += f" ({movement.changed_share_of_wave:.1%} of all in {movement.after})"
    lines = [f"{head}; {told['new']:,} not there before, {told['gone']:,} not there any more."]
    moved = movement.moves[movement.moves["cause"] != ""]
    of_both = moved[(moved["from_segment"] != NEW) & (moved["to_segment"] != GONE)]["cause"].value_counts()
    plain = len(movement.causes.keys() - {MODEL}) == 1
    lines += [
        f"  {movement.causes[str(cause)]}: {number:,}"
        + ("" if plain else f" ({of_both.get(cause, 0):,} of them in both waves)")
        for cause, number in (of_both if plain else moved["cause"].value_counts()).items()
    ]
    if movement.versions[0] != movement.versions[1]:
        old, new = movement.versions
        lines.append(
            f"  of these, {movement.changed_by_model:,} by version {new} in the place of {old} alone ({MODEL})"
        )
    flows = movement.counts[movement.counts["cause"] != ""].head(SHOWN_FLOWS)
    for flow in flows.itertuples():
        came_or_went = flow.from_segment == NEW or flow.to_segment == GONE
        why = "" if plain and came_or_went else f" ({movement.causes[str(flow.cause)]})"
        lines.append(f"    {flow.from_segment} → {flow.to_segment}: {flow.units:,}{why}")
    return lines


def path_lines(movements: Sequence[Movement], unit_id: str) -> list[str]:
    """Say wave by wave where one unit was and why it moved; empty if no wave holds it."""
    lines = []
    for movement in movements:
        found = movement.moves[movement.moves[UNIT_ID].astype(str) == unit_id]
        for start, end, cause in found[["from_segment", "to_segment", "cause"]].astype(str).to_numpy().tolist():
            lines.append(f"{movement.after}: {_step(start, end, movement.causes.get(cause, ''))}")
    return lines


def _step(start: str, end: str, why: str) -> str:
    if not why:
        return f"stayed {end}"
    return f"{'came as' if start == NEW else f'{start} →'} {'none' if end == GONE else end} ({why})"
