"""A file of features with labels, between the stage that makes features and the one that trains: Parquet, its meaning inside."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from dtc_data.core import SettingsError

Kind = Literal["behaviour", "flat"]

HEADS: Final[dict[Kind, tuple[str, ...]]] = {
    "behaviour": ("customer_id", "cutoff", "left", "amount_after"),
    "flat": ("customer_id", "part", "left"),
}
"""Columns that are not features."""

_KEY: Final = b"dtc_features"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, eq=False)
class FeatureFile:
    """Features by customer, at cutoffs (``behaviour``) or with one row each (``flat``)."""

    kind: Kind
    frame: pd.DataFrame
    """The columns of `HEADS` and a column of floats per feature."""
    horizon_days: int = 0
    now: str = ""
    """The moment until which everything was known; the newest cutoff, whose customers are to be forecast."""
    recipe: Mapping[str, str] = field(default_factory=dict)
    """The choice of features."""
    source: str = ""
    """Digest of the file that the features were made from."""

    @property
    def n_features(self) -> int:
        """How many features there are."""
        return self.frame.shape[1] - len(HEADS[self.kind])

    def write(self, path: str | Path) -> None:
        """Write the file.

        Raises
        ------
        SettingsError
            If its name does not end with .parquet.
        """
        file = Path(path)
        if file.suffix != ".parquet":
            raise SettingsError(f"{file}: features are written as .parquet")
        meaning = {
            "kind": self.kind,
            "horizon_days": self.horizon_days,
            "now": self.now,
            "recipe": dict(self.recipe),
            "source": self.source,
        }
        table = pa.Table.from_pandas(self.frame, preserve_index=False)
        known = {**(table.schema.metadata or {}), _KEY: json.dumps(meaning).encode()}
        pq.write_table(table.replace_schema_metadata(known), file)


def read_feature_file(path: str | Path) -> FeatureFile:
    """Read features.

    Raises
    ------
    SettingsError
        If the file cannot be read, or holds something else.
    """
    file = Path(path)
    try:
        table = pq.read_table(file)
    except FileNotFoundError as error:
        raise SettingsError(f"{file}: there is no such file") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise SettingsError(f"{file}: is not a Parquet file: {error}") from error
    meaning = (table.schema.metadata or {}).get(_KEY)
    if meaning is None:
        raise SettingsError(f"{file}: holds no features of ours: make them with feature_engineering.py")
    return FeatureFile(frame=table.to_pandas(), **json.loads(meaning))


def digest_of(path: str | Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    found = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def digest_of_rows(rows: pd.DataFrame) -> str:
    """Return the SHA-256 of a table's names and values in their order, in hexadecimal digits."""
    found = hashlib.sha256("\n".join(map(str, rows.columns)).encode())
    found.update(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
    return found.hexdigest()
