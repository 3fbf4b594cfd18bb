"""Faults of ours, behind the forward pass: in the mathematics, in a rule, in advice.

Each costs the verdict of the model that it meets, which is told as a mistake of this tool.
"""

from __future__ import annotations

from typing import Any

import pytest
from fault_bench import SOUND, Bench

BAD = "import rfa_core as rfa\n\ndef bad():\n    net = rfa.Graph('bad')\n{layers}    return net\n"
FAULT = """\
import rfa_core.examination, rfa_core.rules.unproductive_layer
def is_bad(graph):
    return graph.name == "bad.py::bad"
def faulty(real, meets):
    def it(*given, **named):
        if meets(*given):
            raise {fault}
        return real(*given, **named)
    return it
"""
AT = {
    "mathematics": "it = rfa_core.examination\n"
    "it.analyse_graph = faulty(it.analyse_graph, lambda graph, *_: is_bad(graph))\n",
    "verdicts": "it = rfa_core.examination\n"
    "it._judged = faulty(it._judged, lambda _, __, sight, *rest: is_bad(sight.graph))\n",
    "rules": "it = rfa_core.rules.unproductive_layer.UnproductiveLayer\n"
    "it.check = faulty(it.check, lambda _, subject: subject.model.name.endswith('bad'))\n",
}
FAULTS = {
    "ZeroDivisionError('division by zero')": "ZeroDivisionError: division by zero",
    "MemoryError": "MemoryError",
    "RecursionError('too deep')": "RecursionError: too deep",
}


@pytest.mark.parametrize(("place", "fault"), [*zip(AT, FAULTS, strict=True)])
def test_a_mistake_of_ours_costs_the_model_that_it_meets(
    bench: Bench, faultless: list[Any], place: str, fault: str
) -> None:
    layers = "".join(f"    net.conv('c{at}', filters=4, kernel=3)\n" for at in range(9))
    bench.write("bad.py", BAD.format(layers=layers))

    ran = bench.check("bad.py::bad", *SOUND, before=FAULT.format(fault=fault) + AT[place])

    (bad,) = [one for one in ran.report["models"] if one["name"] not in SOUND]
    codes = [one["code"] for one in ran.report["findings"] if one["model"] not in SOUND]
    assert (ran.code, ran.err, ran.left, ran.sound) == (2, "", [], faultless)
    assert (bad["status"], codes) == ("untraceable", ["RFA903"])
    assert FAULTS[fault] in bad["error"]
    assert "Traceback" not in ran.out
