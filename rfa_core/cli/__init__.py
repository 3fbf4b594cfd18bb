"""The command ``rfa``: the only place that prints and exits.

Nothing heavy is imported before it is known to be needed: ``rfa --version`` costs little
more than the interpreter.
"""

from __future__ import annotations

import sys

from rfa_core import __version__
from rfa_core.cli.exits import ExitCode
from rfa_core.cli.manual import page
from rfa_core.cli.messages import open_stderr, say
from rfa_core.errors import ConfigurationError, RfaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

__all__ = ["ExitCode", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; help raises SystemExit where it has no page.

    The version and pages of help are told without argparse, which takes longer to import than all
    else.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    told = f"rfa {__version__}\n" if arguments == ["--version"] else page(arguments)
    if told is not None:
        return _tell(told)
    verbose = False
    open_stderr()
    try:
        from rfa_core.cli.options import parse

        command, options = parse(arguments)
        verbose = options.verbose
        return _run(command, options, alone=argv is None)
    except KeyboardInterrupt:
        say("interrupted")
        return ExitCode.INTERRUPTED
    except RfaError as error:
        _say_traceback(verbose)
        say(f"error: {_message(error)}")
    except Exception as error:
        _say_traceback(verbose)
        advice = (
            "please report it" if verbose else "run with -v for the traceback; please report it"
        )
        say(f"internal error: {type(error).__name__}: {error} ({advice})")
    return ExitCode.NO_VERDICT


def _tell(text: str) -> int:
    if sys.stdout is not None:
        sys.stdout.write(text)
    return ExitCode.CLEAN


def _run(command: str, options: Namespace, *, alone: bool) -> int:
    """``alone``: nobody but us is in this process."""
    if command == "check":
        from rfa_core.cli.replay import replayed

        code = replayed(options)
        if code is not None:
            return code
    from rfa_core.cli import commands
    from rfa_core.libraries.quiet import silence_tensorflow

    if alone:
        silence_tensorflow()
        _end_in_order()
        _collect_rarely()
    return int(getattr(commands, f"run_{command}")(options))


def _end_in_order() -> None:
    """Let SIGTERM, and a terminal that goes away, do what Ctrl-C does, once; whoever asked us to
    ignore one of them is obeyed."""
    import signal

    def end(number: int, frame: object) -> None:
        del frame
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _collect_rarely() -> None:
    """Nearly all objects of a run live to its end: looking for rubbish among them takes a tenth of
    its time."""
    import gc

    gc.set_threshold(100_000, 20, 20)


def _message(error: RfaError) -> str:
    mistakes = isinstance(error, ConfigurationError)
    return f"mistakes in the settings:\n{error}" if mistakes else str(error)


def _say_traceback(verbose: bool) -> None:
    if verbose:
        import traceback
        from contextlib import suppress

        with suppress(OSError):
            traceback.print_exc()
