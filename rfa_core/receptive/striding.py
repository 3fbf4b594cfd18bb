"""What strides do to a map, from the integers of a window alone.

An output ``q`` reads ``q*s - p + t*d`` for the taps ``t = 0..k-1`` (a transposed window: the
``i`` with ``q = i*s - p + t*d``). Source: Dumoulin and Visin, "A guide to convolution
arithmetic for deep learning" (2016).
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd


def share_read(kernel: int, stride: int, dilation: int) -> Fraction:
    """The share of the positions inside a large map that some output reads.

    The taps fall on the residues ``t*d mod s``; these repeat after ``s / gcd(s, d)`` taps.
    """
    return Fraction(min(kernel, stride // gcd(stride, dilation)), stride)


def unread_border(
    inputs: int, outputs: int, kernel: int, stride: int, dilation: int, padding: int
) -> int:
    """Positions behind the last one read, where the stride does not come out even.

    None are counted if the window skips positions inside the map as well: see ``share_read``.
    """
    if share_read(kernel, stride, dilation) < 1:
        return 0
    last = (outputs - 1) * stride - padding + (kernel - 1) * dilation
    return max(0, min(inputs, inputs - 1 - last))


def samples_per_phase(kernel: int, stride: int, dilation: int) -> tuple[int, ...]:
    """How many inputs each of the ``s`` kinds of output of a transposed window reads.

    Output ``q`` is of kind ``(q + p) mod s`` and reads an input for every tap with
    ``t*d mod s`` equal to that.
    """
    counts = [0] * stride
    for tap in range(kernel):
        counts[tap * dilation % stride] += 1
    return tuple(counts)
