"""What can go wrong with models, as types with a meaning (see ``dtc_data.core.errors``)."""

from dtc_data.core import AnswersError, DtcError

__all__ = [
    "AnswersError",
    "ModelBrokenError",
    "ModelUnavailableError",
    "NoProductionVersionError",
    "RegistryConflictError",
    "SuspectCatalogueError",
    "TrackingError",
    "TrainingError",
]


class ModelUnavailableError(DtcError):
    """No model can be had right now, because the registry cannot be reached or does not answer as it should."""

    http_status = 503
    exit_code = 6


class NoProductionVersionError(ModelUnavailableError):
    """The registry answers, but no version of the registered model is in production."""


class ModelBrokenError(DtcError):
    """The registry has the version, but it holds no usable model."""

    http_status = 503
    exit_code = 7


class TrainingError(DtcError):
    """A sweep cannot be made from these answers with these settings."""

    http_status = 422
    exit_code = 8


class TrackingError(DtcError):
    """MLflow refused something or broke off in the middle of it."""

    http_status = 502
    exit_code = 8


class RegistryConflictError(DtcError):
    """The registered model and the catalogue contradict each other; the message names the difference."""

    http_status = 409
    exit_code = 9


class SuspectCatalogueError(DtcError):
    """The catalogue does not look like the answers of its first wave; the message says what is suspected."""

    http_status = 409
    exit_code = 9


class ForecastError(DtcError):
    """A forecast cannot be trained or made from what is given; the message says what is missing."""

    http_status = 422
    exit_code = 8


class LeakageError(DtcError):
    """What is only known later would enter a training or its test; the message names where it would come from."""

    http_status = 422
    exit_code = 10


class CutoffMismatchError(LeakageError):
    """Features are as of another moment than the one at which the label's window begins."""


class ImmatureLabelsError(LeakageError):
    """A label is asked for before its horizon has passed, or its lines have arrived."""


class SharedCustomersError(LeakageError):
    """A customer stands in training and in validation: what identifies the customer would be learned."""


class SuspiciousScoreError(LeakageError):
    """A feature or a model separates better than behaviour allows: a person has to look before training goes on."""
