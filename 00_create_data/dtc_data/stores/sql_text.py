"""Texts as SQL writes them."""


def quoted(text: object) -> str:
    """Return a text as a literal of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name of a column as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
