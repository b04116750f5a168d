"""What can go wrong around the stack."""

from dtc_data.core import DtcError


class StackError(DtcError):
    """The stack cannot be started, stopped or asked; the message names the program and where its log lies."""

    exit_code = 12


class PortTakenError(StackError):
    """Another process listens on a port that the stack needs."""


class PipelineRunError(DtcError):
    """A pipeline run could not be started, failed, or did not end in time."""

    exit_code = 13


class MageAwayError(PipelineRunError):
    """Mage cannot be reached at the moment."""
