"""What repeats is worked out once, and tables that are no longer needed are let go."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from building import Net

from rfa_core.graph import operations as op
from rfa_core.receptive import memory as module
from rfa_core.receptive import tabular
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.grid import Grid
from rfa_core.receptive.memory import Memory, collector_paused
from rfa_core.receptive.states import NOTHING, Line
from rfa_core.receptive.table import Table


def table_of(value: float) -> Table:
    return Table((Grid(np.full((6, 1, 8), value), (0.0, 1.0)),))


def attention_net(blocks: int) -> Net:
    """A token per 8 pixels, then residual blocks of attention written as two products."""
    net = Net(64, 64)
    tokens = net.conv(net.input, 8, 8, padding=0)
    tokens = net.permute(net.reshape(tokens, 1, 2, 64), 0, 2, 1)
    for _ in range(blocks):
        scores = net.add(op.Contract(((0, 1, 2), (0, 3, 2)), (0, 1, 3)), [tokens] * 2, (1, 64, 64))
        mixed = op.Contract(((0, 1, 3), (0, 3, 2)), (0, 1, 2))
        tokens = net.relu(tokens, net.add(mixed, [scores, tokens], (1, 64, 2)))
    return net


def test_equal_tables_become_one_and_others_do_not():
    memory = Memory()

    first, equal, other = (memory.unique(table_of(value)) for value in (1.0, 1.0, 2.0))

    assert equal is first
    assert other is not first


@pytest.mark.parametrize("state", [NOTHING, Line(0, 1, (0, 0), (0, 0))])
def test_states_without_arrays_are_left_as_they_are(state):
    assert Memory().unique(state) is state


@pytest.mark.parametrize("collects", [False, True])
def test_the_garbage_collector_is_left_as_it_was(collects):
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()

        with collector_paused():
            inside = gc.isenabled()

        assert (inside, gc.isenabled()) == (False, collects)
    finally:
        (gc.enable if before else gc.disable)()


def test_the_same_work_is_done_once():
    memory, done = Memory(), []

    results = [memory.recall(key, lambda key=key: done.append(key) or key) for key in "aba"]

    assert (results, done) == (["a", "b", "a"], ["a", "b"])


def test_all_is_forgotten_when_tables_take_too_much_space(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 4 * table_of(0.0).bytes)
    memory = Memory()
    first, *_ = (memory.unique(table_of(value)) for value in (1.0, 2.0, 3.0, 4.0))
    memory.recall("key", lambda: "old")
    kept = memory.unique(table_of(1.0)), memory.recall("key", lambda: "new")

    memory.unique(table_of(5.0))

    again = memory.unique(table_of(1.0)), memory.recall("key", lambda: "new")
    assert kept == (first, "old")
    assert again[0] is not first
    assert again[1] == "new"


def test_tables_too_large_to_compare_take_space_all_the_same(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 2 * table_of(0.0).bytes)
    memory = Memory()

    first, equal = memory.unique(table_of(1.0)), memory.unique(table_of(1.0))
    kept = memory.recall("key", lambda: "old"), memory.recall("key", lambda: "new")
    memory.unique(table_of(1.0))

    assert equal is not first
    assert kept == ("old", "old")
    assert memory.recall("key", lambda: "new") == "new"


def test_more_blocks_of_global_attention_cost_no_more_arrays(monkeypatch):
    done: list[type] = []
    transfer = tabular.transfer

    def counted(operation, *rest):
        done.append(type(operation))
        return transfer(operation, *rest)

    monkeypatch.setattr(tabular, "transfer", counted)
    counts = []
    for blocks in (3, 12):
        done.clear()
        layers = analyse_graph(attention_net(blocks).graph())
        counts.append(len(done))
        assert layers[-1].output.global_context

    assert counts[0] == counts[1] > 0
