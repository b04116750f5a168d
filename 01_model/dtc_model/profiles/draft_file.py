"""A drafted catalogue as the text of a file that a person edits."""

import textwrap
from collections.abc import Mapping
from typing import Any, Final

import yaml

_WIDTH: Final = 130


def catalogue_text(draft: Mapping[str, Any], segmentation: str, wave: str, why: str) -> str:
    """Return the file of a drafted catalogue, with what is to be done with it above.

    Parameters
    ----------
    draft : mapping
        As `draft_catalogue` returns it.
    segmentation : str
        What the file is called, without its ending.
    wave : str
        What the segments were found in.
    why : str
        Why these segments are proposed.
    """
    named = f"SEGMENTATION={segmentation}"
    what_next = (
        f"Drafted by `make discover {named}` from {wave}. Names, descriptions and actions are proposals: edit them. Then "
        f"`make adopt_catalogue {named} REFERENCE={wave} BY=… WHY=…` makes the file version 1, and from then on ids and names "
        "are a promise. All keys are explained in dtc_personas.yaml."
    )
    said = [what_next, *why.splitlines()]
    comments = "".join(textwrap.indent(textwrap.fill(line, _WIDTH - 2) + "\n", "# ") for line in said)
    content = yaml.safe_dump(dict(draft), sort_keys=False, allow_unicode=True, default_flow_style=None, width=_WIDTH)
    return f"{comments}\n{content}"
