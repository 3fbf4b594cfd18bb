"""Train the classifier on a folder of photographs."""

import argparse
from pathlib import Path

import torch
from leaves.network import leaf_net
from leaves.photographs import centred, photographs, species
from torchvision.io import decode_image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    model = leaf_net(len(species(options.images)))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(options.epochs):
        for path, label in photographs(options.images):
            image = centred(decode_image(str(path)).float() / 255)
            loss = torch.nn.functional.cross_entropy(model(image[None]), torch.tensor([label]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    torch.save(model.state_dict(), "leaves.pt")


if __name__ == "__main__":
    main()
