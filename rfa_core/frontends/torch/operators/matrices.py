"""Matrices as wholes: decompositions, inverses, distances, bilinear forms, diagonals."""

from __future__ import annotations

from torch import Tensor

from rfa_core.frontends.phrases import contraction
from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op


@translates(
    "linalg_inv_ex", "linalg_cholesky_ex", "linalg_qr", "linalg_eig", "_linalg_eigvals",
    "_linalg_eigh", "_linalg_svd", "_linalg_det", "_linalg_slogdet", "linalg_pinv",
    "linalg_matrix_exp", "linalg_lu", "linalg_lu_factor_ex", "linalg_ldl_factor_ex",
    "linalg_lstsq", "_linalg_solve_ex", "linalg_solve_triangular", "triangular_solve",
    "linalg_lu_solve", "cholesky", "cholesky_solve", "cholesky_inverse", "geqrf", "ormqr",
    "linalg_householder_product", "lu_unpack", "_pdist_forward",
)  # fmt: skip
def _decomposition(recorder: Recorder, call: Call) -> None:
    """Each entry of a result depends on the whole matrix: both of its dimensions are gone."""
    matrix = call.args[0]
    live = [value for value in call.args if recorder.is_live(value)]
    lead = max(tensor.dim() - _core(tensor, matrix) for tensor in live)
    labels = tuple(_labels(tensor, _core(tensor, matrix), lead) for tensor in live)
    names = [recorder.operand(tensor) for tensor in live]
    kind = call.name.strip("_").removeprefix("linalg_").removesuffix("_ex")
    for out in call.out if isinstance(call.out, tuple) else (call.out,):
        kept = range(lead) if out.dim() >= lead else ()
        fresh = range(lead + 2, lead + 2 + out.dim() - len(kept))
        recorder.emit(out, op.Contract(labels, (*kept, *fresh)), names, kind)


def _core(tensor: Tensor, matrix: Tensor) -> int:
    """How many dimensions are the matrix's or the vector's own, behind those of the batch."""
    return 1 if tensor.shape == matrix.shape[:-1] else 2


def _labels(tensor: Tensor, core: int, lead: int) -> tuple[int, ...]:
    batch = tensor.dim() - core
    return (*range(lead - batch, lead), *range(lead, lead + core))


@translates("_cdist_forward", "_euclidean_dist")
def _distances(recorder: Recorder, call: Call) -> None:
    first, second = call.args[:2]
    rank = call.out.dim()
    batch = tuple(range(rank - 2))
    labels = {0: (*batch, rank, rank + 2), 1: (*batch, rank + 1, rank + 2)}
    aligned = {0: first, 1: second}
    live = [place for place, tensor in aligned.items() if recorder.is_live(tensor)]
    operation = op.Contract(
        tuple(labels[place][rank - aligned[place].dim() :] for place in live),
        (*batch, rank, rank + 1),
    )
    names = [recorder.operand(aligned[place]) for place in live]
    recorder.emit(call.out, operation, names, "cdist")


@translates("_trilinear")
def _bilinear(recorder: Recorder, call: Call) -> None:
    """Three tensors multiplied, each along some of the dimensions, and summed over others."""
    rank = call.args[0].dim() + len(call.args[3])
    factors = [
        (tensor, tuple(dim for dim in range(rank) if dim not in missing))
        for tensor, missing in zip(call.args[:3], call.args[3:6], strict=True)
    ]
    live = [(tensor, labels) for tensor, labels in factors if recorder.is_live(tensor)]
    weighted = any(recorder.is_learned(tensor) for tensor, _ in factors)
    output = tuple(dim for dim in range(rank) if dim not in call.args[6])
    operation = op.Contract(tuple(labels for _, labels in live), output)
    names = [recorder.operand(tensor) for tensor, _ in live]
    macs = call.out.numel() * live[0][0].shape[-1]
    recorder.emit(call.out, operation, names, "bilinear", weighted, macs)


@translates("linalg_cross")
def _cross(recorder: Recorder, call: Call) -> None:
    """Each component reads the two others."""
    live = [tensor for tensor in call.args[:2] if recorder.is_live(tensor)]
    dim, shape = call.arg(2, "dim", -1) % call.out.dim(), call.out.shape
    names = [recorder.operand(tensor) for tensor in live]
    both = recorder.step(op.Pointwise(), names, shape, "cross")
    others = [recorder.step(op.Roll((dim,), (n,)), [both], shape, "cross") for n in (1, 2)]
    recorder.emit(call.out, op.Pointwise(), others, "cross")


@translates("renorm")
def _renorm(recorder: Recorder, call: Call) -> None:
    source, dim = call.args[0], call.args[2] % call.args[0].dim()
    dims = tuple(own for own in range(source.dim()) if own != dim)
    recorder.emit(call.out, op.Norm(dims), [recorder.operand(source)], "renorm")


@translates("diagonal", "trace")
def _diagonal(recorder: Recorder, call: Call) -> None:
    """Both dimensions joined to one, of which a diagonal takes every ``width + 1``-th index."""
    source = call.args[0]
    rank, offset = source.dim(), call.arg(1, "offset", 0)
    first = call.arg(2, "dim1", 0) % rank
    second = call.arg(3, "dim2", 1) % rank
    order = (*(dim for dim in range(rank) if dim not in (first, second)), first, second)
    *lead, height, width = (source.shape[dim] for dim in order)
    name = recorder.operand(source)
    name = recorder.step(op.Permute(order), [name], (*lead, height, width), "diagonal")
    name = recorder.step(op.Reshape(), [name], (*lead, height * width), "diagonal")
    start = max(offset, 0) + max(-offset, 0) * width
    along = op.Slice(rank - 2, start, width + 1)
    if call.name == "diagonal":
        recorder.emit(call.out, along, [name], "diagonal")
        return
    name = recorder.step(along, [name], (min(height, width),), "trace")
    recorder.emit(call.out, contraction(1, [0], keep=False), [name], "trace")
