"""What can go wrong, one class per situation; every class carries its facts as fields.

``str(error)`` is what the user reads: it names the object, what was expected, what was
found and what to do. Errors are picklable, so that they survive a process boundary.
"""

from __future__ import annotations


class RfaError(Exception):
    """Base of every expected failure; the command line turns it into exit code 2."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(RfaError):
    """A command line option or an argument of the Python interface is impossible."""


class ConfigurationError(RfaError):
    """The configuration has mistakes: all of them, one per line of the message."""


class BaselineError(RfaError):
    """The file of accepted findings has mistakes: all of them, one per line of the message."""


class ConflictError(BaselineError):
    """The file of accepted findings holds a merge that was not settled."""


class TargetError(RfaError):
    """A target names nothing that can be found."""


class ModuleImportError(RfaError):
    """The module that holds a factory cannot be imported (RFA901)."""


class BuildError(RfaError):
    """The factory raised, needs arguments, or returned no model (RFA902)."""


class TraceError(RfaError):
    """The model was built but its forward pass cannot be recorded (RFA903)."""


class ResolutionError(RfaError):
    """A resolution is malformed or has the wrong number of axes for the model."""


class InvalidGraphError(RfaError):
    """A graph breaks the rules of its own form: order, names, shapes."""


class MissingDependencyError(RfaError):
    """A framework or an optional library is not installed; the hint says which extra brings it."""
