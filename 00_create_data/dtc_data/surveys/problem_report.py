"""The problems of a survey file for people: as text for a terminal, and as a page that needs nothing else."""

import shlex
from collections.abc import Sequence
from html import escape
from typing import Final

from dtc_data.surveys.survey_problems import IF_ALLOWED, Problem, SurveyProblems

_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:75rem}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.25rem .6rem;text-align:left;vertical-align:top}td.n{text-align:right}"
    ".ok{color:#060}"
)


def report_text(problems: SurveyProblems) -> str:
    """Return everything that is wrong: kinds and columns with their counts, and the first rows of each."""
    lines = [f"{problems.path}: {_verdict(problems)}"]
    for problem in problems.found:
        lines.append(f"  {_heading(problem)}{_way_out(problems, problem)}")
        lines.extend(f"    {_at(problems, problem, place)}{message}" for place, message in problem.first)
        if more := problem.count - len(problem.first):
            lines.append(f"    and {more:,} more")
    if allowed := _all_that_may_pass(problems):
        lines.append(f"  If all of this may pass: make … ALLOW={shlex.quote(' '.join(allowed))}, or --allow with each")
    return "\n".join(lines)


def report_html(problems: SurveyProblems) -> str:
    """Return the same as a page."""
    rows = "".join(_html_row(problems, problem) for problem in problems.found)
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("problem", "column", "rows", "the first", "what may be done")
    )
    title = escape(problems.path.name)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{escape(_verdict(problems))}.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></html>\n"
    )


def _verdict(problems: SurveyProblems) -> str:
    of_rows = f" in {len(problems.lines):,} of {problems.rows:,} {problems.place}s" if problems.lines else ""
    kinds = sorted({problem.kind for problem in problems.found})
    total = sum(problem.count for problem in problems.found)
    found = f"{total:,} problem{'' if total == 1 else 's'}{of_rows} ({', '.join(kinds)})"
    return (
        f"{problems.undone}, since there {'is' if total == 1 else 'are'} {found}"
        if problems.is_refused
        else f"{found} may pass"
    )


def _heading(problem: Problem) -> str:
    column = f" in column {problem.column!r}" if problem.column else ""
    return f"{problem.kind}{column}: {problem.count:,}"


def _way_out(problems: SurveyProblems, problem: Problem) -> str:
    consequence = IF_ALLOWED.get(problem.kind, "").format(units=problems.units)
    if not consequence:
        return ""
    return f" ({'allowed' if problems.may_pass(problem.kind) else '--allow ' + problem.kind}: {consequence})"


def _all_that_may_pass(problems: SurveyProblems) -> Sequence[str]:
    """Return the kinds that must be allowed for the file to be taken; empty if one of them cannot be, or none is needed."""
    kinds = sorted({problem.kind for problem in problems.found})
    return kinds if problems.is_refused and all(kind in IF_ALLOWED for kind in kinds) else []


def _at(problems: SurveyProblems, problem: Problem, place: int) -> str:
    where = problems.where(problem, place)
    return f"{where}: " if where else ""


def _html_row(problems: SurveyProblems, problem: Problem) -> str:
    first = "<br>".join(
        escape(f"{problems.place} {place}: {message}" if place else message) for place, message in problem.first
    )
    way_out = _way_out(problems, problem).strip(" ()")
    state = ' class="ok"' if problems.may_pass(problem.kind) else ""
    cells = (
        problem.kind,
        escape(problem.column or ""),
        f"{problem.count:,}",
        first,
        f"<span{state}>{escape(way_out)}</span>",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
