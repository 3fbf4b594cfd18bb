"""Names in ONNX files: protocol buffers keep any bytes, and say so when a name is looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from rfa_core.errors import TraceError

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def reads_names(work: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
    """``work``, raising TraceError for a name that is no text."""

    @wraps(work)
    def checked(*args: _Given.args, **kwargs: _Given.kwargs) -> _Found:
        try:
            return work(*args, **kwargs)
        except UnicodeDecodeError as error:
            found = error.object[:60]
            raise TraceError(
                f"the ONNX model has a name that is not UTF-8: {found!r}",
                "expected a file that onnx.save or an exporter has written",
            ) from error

    return checked
