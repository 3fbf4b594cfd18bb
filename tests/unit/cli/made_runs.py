"""Runs that are made up: what they are asked, what they answer, and where they write."""

import io
import sys

from rfa_core.discovery.candidates import Listing, Target
from rfa_core.findings import ModelReport, Report, ResolutionReport, Waste

AT_64 = ResolutionReport((64, 64), (64, 64), (), 0, Waste(0, 0))


class Run:
    """A use case that answers with a report, and remembers what it was asked."""

    def __init__(self):
        self.report = report()
        self.names = self.settings = self.progress = self.rendered = None
        self.failure = None

    def check(self, names, settings, progress=None, jobs="1", limits=None, **_):
        self.names, self.settings, self.progress, self.jobs = names, settings, progress, jobs
        self.limits = limits
        sys.stdout.write("printed by a model\n")
        if self.failure:
            raise self.failure
        return self.report

    def render(self, output_format, report, options):
        self.rendered = options
        return f"{output_format}, exit code {report.exit_code}\n"


def report(*, exit_code=0, status="analysed", resolutions=(AT_64,)):
    model = ModelReport("acme:net", "torch", status, resolutions=resolutions)
    return Report("0.1.0", (model,), (), (), exit_code)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class FakeSession:
    targets = (Target("acme:net", file="/p/acme.py", line=3, reasons=("a class",)),)
    answer = report()

    def __init__(self, settings):
        self.settings = settings

    def plan(self, names):
        return Listing(self.targets if names else ())

    found = plan

    def resolutions(self, _target):
        return ()

    def check(self, _target):
        from rfa_core.api import Outcome

        return Outcome(self.answer.models[0], ())

    def report(self, _outcomes, _listing):
        return self.answer
