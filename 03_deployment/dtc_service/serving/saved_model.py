"""The last good model on disk, for a worker that starts while the registry is away."""

import json
import tempfile
from contextlib import suppress
from pathlib import Path

import structlog
from dtc_model.errors import ModelBrokenError
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel

_log = structlog.get_logger(__name__)


class SavedModel:
    """One model in one file; workers replace it as a whole.

    Parameters
    ----------
    folder : Path
        Made if it is missing.
    registered_model : str
        Whose model it is: a copy of another one is not taken.
    """

    def __init__(self, folder: Path, registered_model: str) -> None:
        self._path = folder / "last_good_model.json"
        self._registered_model = registered_model

    def save(self, served: ServedModel) -> None:
        """Keep a model. A disk that is full or not writable is logged and otherwise does no harm."""
        document = {
            "registered_model": self._registered_model,
            "version": served.version,
            "document": served.model.to_json(),
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._write(json.dumps(document))
        except OSError as error:
            _log.warning("last good model not kept", path=str(self._path), problem=error.strerror)

    def _write(self, text: str) -> None:
        """Replace the file as a whole, and leave no piece behind if that fails."""
        with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False, encoding="utf-8") as draft:
            pass
        try:
            Path(draft.name).write_text(text, encoding="utf-8")
            Path(draft.name).replace(self._path)
        except OSError:
            with suppress(OSError):
                Path(draft.name).unlink()
            raise

    def load(self) -> ServedModel | None:
        """Return the kept model, or None if there is none that can be used."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            if document["registered_model"] == self._registered_model:
                return ServedModel(str(document["version"]), SegmentModel.from_json(document["document"]))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, ModelBrokenError) as error:
            _log.warning("last good model not read", path=str(self._path), problem=type(error).__name__)
        return None
