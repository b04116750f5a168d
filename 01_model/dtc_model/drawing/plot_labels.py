"""Names as matplotlib shows them: what stands between two dollars is a formula to it, and may be a broken one."""


def drawn(text: str) -> str:
    """Write a text such that it is drawn as it stands."""
    return text.replace("$", r"\$")


def cut(name: str, longest: int) -> str:
    """Keep a name on one line and short enough, to be drawn; a long word is cut, too."""
    line = " ".join(name.split())
    return drawn(line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…")
