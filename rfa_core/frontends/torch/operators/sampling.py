"""Interpolation, and reading where data decide."""

from __future__ import annotations

from math import prod

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.operators.arguments import sampled
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import pointwise, translates
from rfa_core.graph import operations as op

_MODES = {
    "upsample_nearest": "nearest",
    "_upsample_nearest_exact": "nearest-exact",
    "upsample_linear": "linear",
    "upsample_bilinear": "linear",
    "upsample_trilinear": "linear",
    "upsample_bicubic": "cubic",
    "_upsample_bilinear2d_aa": "antialias-linear",
    "_upsample_bicubic2d_aa": "antialias-cubic",
}


@translates(
    "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "_upsample_nearest_exact1d",
    "_upsample_nearest_exact2d", "_upsample_nearest_exact3d", "upsample_linear1d",
    "upsample_bilinear2d", "upsample_trilinear3d", "upsample_bicubic2d", "_upsample_bilinear2d_aa",
    "_upsample_bicubic2d_aa",
)  # fmt: skip
def _upsample(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    mode = _MODES.get(call.name) or _MODES[call.name[:-2]]
    nearest = mode.startswith("nearest")
    count = int(call.name.removesuffix("_aa")[-2])
    dims = tuple(range(source.dim() - count, source.dim()))
    align = False if nearest else bool(call.arg(2, "align_corners", False))
    place = 2 if nearest else 3
    if call.overload == "vec":
        scales = call.arg(place, "scale_factors") or ()
    else:
        scales = call.args[place : place + count]
    told = tuple(scales) if len(scales) == count else (None,) * count
    operation = op.Resample(dims, mode, align, told)
    recorder.emit(call.out, operation, [recorder.operand(source)], "interpolate")


_SAMPLES = {
    "grid_sampler": "grid_sample reads positions that data decide",
    "grid_sampler_2d": "grid_sample reads positions that data decide",
    "grid_sampler_3d": "grid_sample reads positions that data decide",
    "affine_grid_generator": "an affine grid is computed from data",
    "max_unpool2d": "max_unpool writes where an earlier maximum was found",
    "max_unpool3d": "max_unpool writes where an earlier maximum was found",
    "fractional_max_pool2d": "fractional pooling draws its windows at random",
    "fractional_max_pool3d": "fractional pooling draws its windows at random",
    "topk": "top-k chooses positions by their values",
    "sort": "sort orders positions by their values",
    "argsort": "sort orders positions by their values",
    "scatter": "scatter writes to computed indices",
    "scatter_add": "scatter writes to computed indices",
    "scatter_reduce": "scatter writes to computed indices",
    "index_reduce": "values are written to computed places",
    "take": "take reads computed indices",
    "put": "values are written to computed places",
    "masked_scatter": "a mask decides which value goes where",
    "masked_select": "a mask chooses positions",
    "nonzero": "nonzero chooses positions by their values",
    "_unique2": "unique chooses positions by their values",
    "unique_dim": "unique chooses positions by their values",
    "unique_consecutive": "unique chooses positions by their values",
    "multinomial": "multinomial draws positions by their values",
    "_embedding_bag": "an embedding bag is filled by computed indices",
    "_embedding_bag_forward_only": "an embedding bag is filled by computed indices",
    "torchvision::nms": "non-maximum suppression chooses boxes by their scores",
    "torchvision::roi_align": "RoI align reads boxes that data decide",
    "torchvision::roi_pool": "RoI pooling reads boxes that data decide",
    "torchvision::ps_roi_align": "RoI align reads boxes that data decide",
    "torchvision::ps_roi_pool": "RoI pooling reads boxes that data decide",
}


@translates(*_SAMPLES)
def _sampled(recorder: Recorder, call: Call) -> None:
    name = call.name if call.name in _SAMPLES else call.name.removesuffix("_")
    sampled(recorder, call, _SAMPLES[name])


@translates("bucketize", "isin", "searchsorted")
def _sorted_into(recorder: Recorder, call: Call) -> None:
    """Elementwise, as long as the values to compare with are constants."""
    bounds = call.args[0 if call.name == "searchsorted" else 1]
    if recorder.is_live(bounds):
        sampled(recorder, call, "values are compared with computed ones")
    else:
        pointwise(recorder, call)


@translates("torchvision::deform_conv2d")
def _deformable(recorder: Recorder, call: Call) -> None:
    """The regular convolution as a lower bound, marked as sampled."""
    source, weight = call.args[:2]
    stride, padding, dilation = call.args[5:7], call.args[7:9], call.args[9:11]
    groups = call.args[11]
    window = op.Window(
        (2, 3), tuple(weight.shape[2:]), stride, dilation, padding, channel=1, groups=groups
    )
    name = recorder.step(window, [recorder.operand(source)], call.out.shape, "conv")
    macs = call.out.numel() * weight.shape[1] * prod(weight.shape[2:])
    reason = "a deformable convolution reads positions that data decide"
    recorder.emit(call.out, op.Sample(reason), [name], "conv", weighted=True, macs=macs)
