"""Inputs that were made to break what reads them: each has a result, or one clear error of ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "tests" / "corpus"
pytestmark = pytest.mark.skipif(not (ROOT / "fuzz").exists(), reason="needs the checkout")
sys.path.append(str(ROOT))

contract = pytest.importorskip("fuzz.contract")
targets = pytest.importorskip("fuzz.targets")

OUTCOMES = {
    "baseline/byte-order-mark.json": "BaselineError",
    "baseline/deep-nesting.json": "BaselineError",
    "baseline/half-a-character.json": "result",
    "baseline/long-number.json": "BaselineError",
    "baseline/three.json": "result",
    "cache/bomb.rfa": "result",
    "cache/deep-nesting.rfa": "result",
    "cache/empty.rfa": "result",
    "cache/other-checksum.rfa": "result",
    "cache/run.rfa": "result",
    "cache/section-of-4-GiB.rfa": "result",
    "configuration/deep-nesting.toml": "ConfigurationError",
    "configuration/dotted-into-value.toml": "ConfigurationError",
    "configuration/full.toml": "result",
    "configuration/latin-1.toml": "ConfigurationError",
    "configuration/long-number.toml": "ConfigurationError",
    "configuration/nul.toml": "result",
    "configuration/top.toml": "result",
    "graph/deep-nesting.json": "InvalidGraphError",
    "graph/deep.json": "result",
    "graph/half-a-character.json": "InvalidGraphError",
    "graph/huge-dilation.json": "result",
    "graph/huge-kernel.json": "InvalidGraphError",
    "graph/key-twice.json": "InvalidGraphError",
    "graph/nodes.json": "result",
    "graph/short-dilation-of-nothing.json": "InvalidGraphError",
    "onnx/attention.onnx": "result",
    "onnx/attribute-not-utf8.onnx": "result",
    "onnx/cut-off.onnx": "TraceError",
    "onnx/huge-input.onnx": "ForwardError",
    "onnx/loop.onnx": "result",
    "onnx/name-not-utf8.onnx": "TraceError",
    "onnx/no-axes.onnx": "ForwardError",
    "onnx/zero-stride.onnx": "ForwardError",
    "options/check.txt": "result",
    "options/every.txt": "result",
    "options/half-a-character.txt": "result",
    "options/long-name.txt": "result",
    "options/long-number.txt": "result",
    "options/odd-digits.txt": "UsageError",
    "options/sweep.txt": "result",
    "options/unknown-user.txt": "result",
    "sarif/half-a-character.json": "result",
    "sarif/host.json": "result",
    "sarif/placeholder.json": "result",
    "sarif/query.json": "result",
    "sarif/scheme.json": "result",
}


def test_each_input_of_the_corpus_has_an_outcome_that_is_known() -> None:
    found = {file.relative_to(CORPUS).as_posix() for file in CORPUS.glob("*/*")}

    assert found == set(OUTCOMES)


@pytest.mark.parametrize(("name", "outcome"), OUTCOMES.items(), ids=OUTCOMES)
def test_an_input_has_a_result_or_one_clear_error(name: str, outcome: str, tmp_path: Path) -> None:
    target = Path(name).parent.name
    if target in targets.MISSING:
        pytest.skip(targets.MISSING[target])
    data = (CORPUS / name).read_bytes()

    found = contract.hold(targets.TARGETS[target].read, data, tmp_path)

    assert found == outcome


@pytest.mark.parametrize(
    ("work", "error"),
    [
        ("int('x')", "ValueError"),
        ("__import__('os').system('true')", "ExecutedError"),
        ("open('/tmp/elsewhere', 'w')", "ExecutedError"),
        ("bytearray(2**31)", "MemoryError"),
    ],
)
def test_the_contract_is_broken_by_what_breaks_it(work: str, error: str, tmp_path: Path) -> None:
    code = compile(work, __file__, "eval")

    def target(*_: object) -> None:
        eval(code)

    with pytest.raises(BaseException) as raised:
        contract.hold(target, b"", tmp_path)

    assert raised.type.__name__ == error


def test_text_that_is_executed_breaks_the_contract(tmp_path: Path) -> None:
    def target(data: bytes, _: Path) -> None:
        eval(data)

    with pytest.raises(contract.ExecutedError):
        contract.hold(target, b"1 + 1", tmp_path)


def test_an_endless_loop_breaks_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "SECONDS", 0.05)

    def target(*_: object) -> None:
        while True:
            pass

    with pytest.raises(contract.TooSlowError):
        contract.hold(target, b"", tmp_path)
