"""Vega for the browser: vl-convert carries it, so that nothing is fetched from elsewhere."""

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from dtc_dashboard.errors import DrawingError

VEGA_LITE: Final = "6.4"
"""The Vega-Lite of vl-convert for which Altair 6 writes."""
_SECONDS: Final = 60
"""How long the bundle may take to be put together; usually it takes two seconds."""


def vega_file(folder: Path) -> Path:
    """Return where the bundle of Vega, Vega-Lite and Vega-Embed lies, compressed, in a folder."""
    return folder / f"vega-lite-{VEGA_LITE}.js.gz"


def write_vega(folder: Path) -> Path:
    """Write the bundle unless it is there; a process of its own does it, since the engine in it takes 150 MB.

    Raises
    ------
    DrawingError
        If it cannot be made; pages show their numbers without pictures then.
    """
    path = vega_file(folder)
    if path.exists():
        return path
    command = [sys.executable, "-m", "dtc_dashboard.parts.vega_files"]
    try:
        made = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603 - our own module
    except (subprocess.SubprocessError, OSError) as error:
        raise DrawingError(f"Vega for the browser cannot be put together ({type(error).__name__})") from error
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(gzip.compress(made.stdout, mtime=0))
    draft.replace(path)
    return path


def _print_bundle() -> None:
    import vl_convert  # noqa: PLC0415 - 33 MB that only this process needs

    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # type: ignore[call-arg]  # its stub asks for more
    sys.stdout.write(bundle)


if __name__ == "__main__":
    _print_bundle()
