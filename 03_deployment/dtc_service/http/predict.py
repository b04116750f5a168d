"""``POST /predict`` and ``POST /predict/<segmentation>``: from a request to its response."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from dtc_service.errors import InvalidRequestError
from dtc_service.formats import RESERVED, accepted, declared
from dtc_service.http.body import read_body
from dtc_service.http.response import HttpResponse
from dtc_service.serving import Metrics, ServedSegmentations

MOST_IDS = 50
"""Id columns that a request may name."""


@dataclass(frozen=True)
class Query:
    """What the query of a request asks for."""

    full: bool = False
    ids: tuple[str, ...] = ()
    as_of: datetime | None = None
    """The moment as of which customers are labelled by their transactions; None where a request holds features."""

    @classmethod
    def parse(cls, text: str) -> "Query":
        """Read ``detail=full`` or ``detail=short``, any number of ``id=COLUMN``, and ``from=transactions`` with ``as_of=MOMENT``.

        Other parameters are ignored.

        Raises
        ------
        InvalidRequestError
            If a value is not one of these, or an id cannot be passed through.
        """
        if not text:
            return _PLAIN
        try:
            pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
        except ValueError as error:
            raise InvalidRequestError("the query is not UTF-8") from error
        detail = [value for name, value in pairs if name == "detail"]
        if any(value not in {"full", "short"} for value in detail):
            raise InvalidRequestError("detail is full or short", field="detail")
        ids = tuple(dict.fromkeys(value for name, value in pairs if name == "id"))
        if len(ids) > MOST_IDS:
            raise InvalidRequestError(f"at most {MOST_IDS} id columns are passed through", field="id")
        wrong = next((name for name in ids if name in RESERVED or not name.isprintable() or not name), None)
        if wrong is not None:
            hint = ": the response has a column of that name. Leave it out of the query" if wrong in RESERVED else ""
            raise InvalidRequestError(f"an id column cannot be called {wrong[:80]!r}{hint}", field="id")
        return cls("full" in detail, ids, _cutoff(dict(pairs), ids))


_PLAIN = Query()


def _cutoff(given: dict[str, str], ids: tuple[str, ...]) -> datetime | None:
    """Return the moment as of which transactions count, now by default; None if there are none."""
    source = given.get("from", "features")
    if source not in {"features", "transactions"}:
        raise InvalidRequestError("from is features or transactions", field="from")
    if source == "features":
        return None
    if ids:
        raise InvalidRequestError(
            "customers by their transactions come back with customer_id and no other id", field="id"
        )
    if "as_of" not in given:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(given["as_of"])
    except ValueError as error:
        raise InvalidRequestError("as_of is a moment like 2011-07-01T00:00:00Z", field="as_of") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


@dataclass(frozen=True)
class Predict:
    """Answers requests for labels, each by the segmentation that its path names."""

    served: ServedSegmentations
    metrics: Metrics
    max_bytes: int

    def __call__(self, environ: dict[str, Any], segmentation: str) -> HttpResponse:
        """Label the units in a request.

        Raises
        ------
        DtcError
            As the type of what is wrong.
        """
        body = read_body(environ, self.max_bytes)  # first, so that no refusal leaves it on the connection
        # One version for the whole request, whatever is promoted meanwhile.
        labeller = self.served.labeller(segmentation)
        query = Query.parse(environ.get("QUERY_STRING", ""))
        wanted = accepted(environ.get("HTTP_ACCEPT", ""))
        media_type = declared(environ.get("CONTENT_TYPE", ""))
        if query.as_of is None:
            units = labeller.requests.read(body, media_type, query.ids)
        else:
            units = labeller.requests.read_lines(body, media_type, query.as_of)
        labels = labeller.label(units, full=query.full)
        written = wanted.write(labels)
        self.metrics.labels(segmentation, labels.counts())
        return HttpResponse(200, written, wanted.media_type, (("X-Model-Version", labels.version),))
