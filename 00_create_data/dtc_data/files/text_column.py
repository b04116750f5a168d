"""The cells of one column as Arrow holds them: texts for whoever asks for texts, and numbers at once."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class TextColumn(Sequence[str]):
    """Cells of a column in order; most of them never become Python objects.

    Parameters
    ----------
    cells : pyarrow array of texts
        Without nulls.
    """

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[str]: ...
    def __getitem__(self, position: int | slice) -> str | Sequence[str]:
        return self._texts[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __array__(
        self, dtype: Any = None, copy: bool | None = None  # noqa: FBT001 - NumPy's protocol
    ) -> npt.NDArray[Any]:
        """Return the texts as an array of objects."""
        return np.array(self._texts, dtype=dtype or object)

    @property
    def arrow(self) -> Any:
        """The cells as Arrow's array of texts."""
        return self._cells

    @cached_property
    def _texts(self) -> list[str]:
        texts: list[str] = self._cells.to_pylist()
        return texts

    def has(self, mark: str) -> bool:
        """Tell whether a character is in any cell."""
        return bool(pc.any(pc.match_substring(self._cells, mark)).as_py())

    def numbers(self) -> npt.NDArray[np.float64] | None:
        """Return the cells as doubles, NaN for an empty one, or None if one is neither a number nor empty."""
        try:
            numbers = pc.cast(pc.if_else(pc.equal(self._cells, ""), None, self._cells), pa.float64())
        except pa.ArrowInvalid:
            return None
        return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)  # Arrow's own cannot be written to
