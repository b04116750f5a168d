"""The bound: a WSGI application that parses JSON, computes and does nothing else.

It checks nothing, counts nothing and follows no registry. Gunicorn imports it, so it makes its model when it is imported.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from dtc_data.catalogue import load_catalogue
from dtc_model.rule import SegmentModel
from service_process import PROJECT_FOLDER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

MODEL = SegmentModel.from_catalogue(
    load_catalogue(PROJECT_FOLDER / "00_create_data" / "catalogues" / "dtc_personas.yaml")
)
IDS = np.array(MODEL.segment_ids)
NAMES = np.array(MODEL.segment_names, dtype=object)
DECODER = msgspec.json.Decoder(list[list[float]])


def app(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    """Label the respondents in a body; without one, answer with nothing."""
    stream = environ["wsgi.input"]
    # As the service does: Gunicorn's stream fetches 1,024 bytes at a time, what lies below it takes the body as it comes.
    body = getattr(stream, "reader", stream).read(int(environ.get("CONTENT_LENGTH") or 0)) or b"[]"
    rows = DECODER.decode(body)
    positions = MODEL.nearest(np.array(rows, dtype=np.float64).reshape(-1, len(MODEL.feature_names)))
    document = {"labels": IDS[positions].tolist(), "personas": NAMES[positions].tolist(), "model_version": "1"}
    answer = msgspec.json.encode(document)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
