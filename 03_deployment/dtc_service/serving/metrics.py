"""What the service counts, for Prometheus.

Under Gunicorn each worker writes to files of its own, and whichever worker is asked sums them up; alone in a process the
numbers are kept in memory.
"""

from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from dtc_service.formats import LabelCounts
from dtc_service.serving.counter_files import COUNTING_ERRORS, CounterFiles
from dtc_service.serving.model_holder import State

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LATENCIES_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
KNOWN_ROUTES: Final = frozenset(
    {
        "/",
        "/predict",
        "/predict/{segmentation}",
        "/segmentations",
        "/model",
        "/model/{segmentation}",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/openapi/{segmentation}.json",
        "/docs",
        "/docs/{segmentation}",
        "/page/{name}",
    }
)
KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The numbers of one application in one process."""

    def __init__(self) -> None:
        self._files = CounterFiles()
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "dtc_requests",
            "Requests by route, method, status and, for labels, segmentation.",
            ("route", "method", "status", "segmentation"),
            registry=registry,
        )
        self._seconds = Histogram(
            "dtc_request_seconds",
            "Time to answer.",
            ("route", "segmentation"),
            registry=registry,
            buckets=LATENCIES_SECONDS,
        )
        self._rows = Counter("dtc_units", "Units labelled.", ("segmentation",), registry=registry)
        self._segments = Counter("dtc_personas", "Units by segment.", ("segmentation", "persona"), registry=registry)
        self._statuses = Counter(
            "dtc_statuses",
            "Units by status; no_fit is only found by detail=full.",
            ("segmentation", "status"),
            registry=registry,
        )
        # A gauge of a worker that has ended is forgotten: "livemax" looks at the living.
        self._model = Gauge(
            "dtc_model_info",
            "1 for the version that a worker serves.",
            ("segmentation", "version"),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._problem = Gauge(
            "dtc_model_problem",
            "1 if the last look at the registry failed.",
            ("segmentation",),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._loads = Counter(
            "dtc_model_loads", "Models loaded from the registry, per worker.", ("segmentation",), registry=registry
        )
        self._failures = Counter(
            "dtc_model_load_failures", "Looks at the registry that failed.", ("segmentation",), registry=registry
        )
        self._states: dict[str, State] = {}
        self._children: dict[tuple[Any, tuple[str, ...]], Any] = {}

    def request(self, route: str, method: str, status: int, seconds: float, segmentation: str = "") -> None:
        """Count a request; what a client makes up does not become a label."""
        route = route if route in KNOWN_ROUTES else "other"
        method = method if method in KNOWN_METHODS else "other"
        try:
            self._of(self._requests, route, method, str(status), segmentation).inc()
            self._of(self._seconds, route, segmentation).observe(seconds)
        except COUNTING_ERRORS:
            self._files.begin_again()

    def labels(self, segmentation: str, counts: LabelCounts) -> None:
        """Count the units that a segmentation labelled."""
        try:
            self._count(segmentation, counts)
        except COUNTING_ERRORS:
            self._files.begin_again()

    def _count(self, segmentation: str, counts: LabelCounts) -> None:
        self._of(self._rows, segmentation).inc(sum(counts.statuses.values()))
        for segment, count in counts.segments.items():
            self._of(self._segments, segmentation, segment).inc(count)
        for status, count in counts.statuses.items():
            self._of(self._statuses, segmentation, status).inc(count)

    def state(self, segmentation: str, state: State) -> None:
        """Take over what the model holder of a segmentation says; it says so every few seconds."""
        old = self._states.get(segmentation, State())
        self._states[segmentation] = state
        self._files.look()
        try:
            self._show(segmentation, old, state)
        except COUNTING_ERRORS:
            self._files.begin_again()

    def _show(self, segmentation: str, old: State, state: State) -> None:
        self._of(self._loads, segmentation).inc(state.loads - old.loads)
        self._of(self._failures, segmentation).inc(state.failed_looks - old.failed_looks)
        self._of(self._problem, segmentation).set(state.problem is not None)
        before = old.labeller.version if old.labeller else None
        now = state.labeller.version if state.labeller else None
        if before is not None and before != now:
            self._model.labels(segmentation, before).set(0)
        if now is not None:
            self._model.labels(segmentation, now).set(1)

    def forget(self, segmentation: str) -> None:
        """Say that a segmentation is served no more."""
        state = self._states.pop(segmentation, State())
        self._of(self._problem, segmentation).set(0)
        if state.labeller is not None:
            self._model.labels(segmentation, state.labeller.version).set(0)

    def _of(self, metric: Any, *labels: str) -> Any:
        """Return a metric with its labels; the library's own search for it would take longer than the counting."""
        child = self._children.get((metric, labels))
        if child is None:
            child = self._children[metric, labels] = metric.labels(*labels)
        return child

    def exposition(self) -> bytes:
        """Write all numbers of all workers."""
        if not self._files.shared:
            return generate_latest(self._registry)
        self._files.look()
        registry = CollectorRegistry()
        try:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
            return generate_latest(registry)
        except COUNTING_ERRORS:
            return b"# The counters are out of reach.\n"
