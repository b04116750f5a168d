"""Which colour and which marker a persona has, by its position in the catalogue, in every picture of the product.

Colours are those of Okabe and Ito, "Color Universal Design" (2008), which colour-blind people can tell apart; markers
differ as well.
"""

from typing import Final

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


def colour(position: int) -> str:
    """Return the colour of a persona as ``#rrggbb``; after the last one they begin again."""
    return COLOURS[position % len(COLOURS)]


def marker(position: int) -> str:
    """Return the marker of a persona in matplotlib's letters; there are more of them than colours."""
    return MARKERS[position % len(MARKERS)]


def ink(background: str) -> str:
    """Return black or white, whichever is easier to read on a colour.

    Relative luminance and contrast as WCAG 2.2 defines them (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
    """
    channels = [int(background[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)  # noqa: PLR2004
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    on_black, on_white = (luminance + 0.05) / 0.05, 1.05 / (luminance + 0.05)
    return "#000000" if on_black >= on_white else "#ffffff"
