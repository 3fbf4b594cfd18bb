"""Training, and what a linear classifier can read off each layer afterwards."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

import torch
from data import Split
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

BATCH = 50
RATE = 3e-3
FITTED = 3000


def train(net: nn.Module, split: Split, epochs: int, seed: int) -> float:
    """Train ``net`` from its initial weights; returns the processor time in seconds."""
    images, classes = split.train
    steps = epochs * (len(images) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    chance = torch.Generator().manual_seed(seed)
    began = time.process_time()
    net.train()
    for _ in range(epochs):
        order = torch.randperm(len(images), generator=chance)
        for batch in order.split(BATCH)[: len(images) // BATCH]:
            optimizer.zero_grad()
            cross_entropy(net(images[batch]), classes[batch]).backward()
            optimizer.step()
            schedule.step()
    return time.process_time() - began


@torch.no_grad()
def accuracy(net: nn.Module, split: Split) -> float:
    """The share of test images that ``net`` gets right."""
    net.eval()
    images, classes = split.test
    right = [
        (net(some).argmax(1) == truth).float()
        for some, truth in zip(images.split(500), classes.split(500), strict=True)
    ]
    return torch.cat(right).mean().item()


def probe(net: nn.Module, split: Split, layers: Mapping[str, nn.Module]) -> dict[str, float]:
    """Test accuracy of a logistic regression on what each layer puts out, averaged over positions.

    That is what the head of the network reads. The regression is fitted to training images.
    """
    seen = features(net, split.train[0][:FITTED], layers)
    unseen = features(net, split.test[0], layers)
    truth, answers = split.train[1][:FITTED].numpy(), split.test[1].numpy()
    scores = {}
    for name in layers:
        model = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky"))
        model.fit(seen[name].numpy(), truth)
        scores[name] = float(model.score(unseen[name].numpy(), answers))
    return scores


@torch.no_grad()
def features(net: nn.Module, images: Tensor, layers: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """The mean over positions of what each layer makes of ``images``: (N, channels)."""
    net.eval()
    kept: dict[str, list[Tensor]] = {name: [] for name in layers}

    def keep(name: str, module: nn.Module, given: object, output: Tensor) -> None:
        del module, given
        kept[name].append(output.mean(dim=(2, 3)))

    hooks = [layer.register_forward_hook(partial(keep, name)) for name, layer in layers.items()]
    for some in images.split(500):
        net(some)
    for hook in hooks:
        hook.remove()
    return {name: torch.cat(parts) for name, parts in kept.items()}
