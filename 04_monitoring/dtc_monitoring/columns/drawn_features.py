"""Which features Evidently's report draws; apart from it, since reports and pages only say so and need no SciPy."""

from typing import Final

DRAWN: Final = 100
"""Features that are drawn at most: each takes a twentieth of a second and 70 KB of the page, and nobody reads hundreds."""


def drawn_part(n_features: int) -> str:
    """Say which of so many features are drawn; nothing if all are."""
    return f"the {DRAWN} of {n_features:,} features whose answers changed most" if n_features > DRAWN else ""
