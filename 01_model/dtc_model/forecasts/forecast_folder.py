"""A trained forecast as a folder of files: the documents, and the figures that they were chosen by."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from dtc_data.core import SettingsError

from dtc_model.forecasts.file_training import FileTraining
from dtc_model.forecasts.forecast_config import ForecastConfig
from dtc_model.prediction import ForecastModel, ValueForecast, at_threshold

FORECAST: Final = "forecast.json"
VALUE: Final = "value.json"
SEGMENT: Final = "segment.json"
FIGURES: Final = "figures.json"
CANDIDATES: Final = "candidates.csv"
CONFIG: Final = "config.json"


def write_forecast_folder(
    training: FileTraining, config: ForecastConfig, folder: str | Path, pages: dict[str, str] | None = None
) -> None:
    """Write a forecast, each file whole or not at all, the forecast itself last.

    Parameters
    ----------
    training : FileTraining
        What was trained.
    config : ForecastConfig
        How.
    folder : str or Path
        Made if it is missing.
    pages : dict of str to str, optional
        Further files by name, such as a report.

    Raises
    ------
    SettingsError
        If the folder cannot be written to.
    """
    texts = dict(pages or {})
    texts[FIGURES] = json.dumps(figures_of(training), indent=1) + "\n"
    texts[CANDIDATES] = training.trained.table.to_csv(index=False)
    texts[CONFIG] = config.model_dump_json(indent=1) + "\n"
    if training.value is not None:
        texts[VALUE] = training.value.to_json()
    if training.segment is not None:
        texts[SEGMENT] = training.segment.to_json()
    texts[FORECAST] = training.model.to_json()
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            _write(Path(folder) / name, text)
        for name in {VALUE, SEGMENT} - set(texts):
            (Path(folder) / name).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written: {error.strerror}") from error


def read_forecast_folder(folder: str | Path) -> tuple[ForecastModel, ValueForecast | None, ForecastConfig]:
    """Read a forecast, that of amounts where there is one, and how it was trained.

    Parameters
    ----------
    folder : str or Path
        The folder, or the file of the forecast in it.

    Raises
    ------
    SettingsError
        If there is none; also `ModelBrokenError` if it is broken.
    """
    place = Path(folder)
    place = place.parent if place.name == FORECAST else place
    try:
        model = ForecastModel.from_json((place / FORECAST).read_text(encoding="utf-8"))
        config = ForecastConfig.model_validate_json((place / CONFIG).read_text(encoding="utf-8"))
        value = place / VALUE
        return model, ValueForecast.from_json(value.read_text(encoding="utf-8")) if value.exists() else None, config
    except OSError as error:
        raise SettingsError(f"{place}: holds no forecast: train one with train.py --output {place}") from error


def figures_of(training: FileTraining) -> dict[str, Any]:
    """Return what people compare, in plain JSON types."""
    holdout = training.holdout
    found: dict[str, Any] = {
        "candidate": training.model.candidate,
        "horizon_days": training.model.horizon_days,
        "n_features": len(training.model.features),
        "threshold": training.model.threshold,
    }
    if holdout is not None:
        found |= {name: float(number) for name, number in asdict(holdout.scores).items()}
        found |= at_threshold(holdout.left, holdout.probabilities, found["threshold"])
        found |= {"holdout_customers": len(holdout.left), "calibration": holdout.calibration_words}
        if training.kind == "behaviour":
            found["holdout_cutoff"] = f"{holdout.cutoff:%Y-%m-%d}"
    if training.evidence is not None:
        found |= training.evidence.figures
    return found


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
