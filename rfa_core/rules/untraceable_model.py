"""RFA903."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.rules.failure_rule import FailureRule


class UntraceableModel(FailureRule):
    """## What it does

    Says that a model was built, but its forward pass cannot be recorded: it raises, or takes
    inputs that were not guessed.

    ## Why is this bad?

    The model has no verdict, and a run without a verdict must not pass.

    ## Example

    ```python
    class TwoStream(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(5, 8, 3)

        def forward(self, image, flow):  # 3 channels and 2, which nothing here says
            return self.conv(torch.cat([image, flow], dim=1))
    ```

    ## Use instead

    Give the shape of the input, or of each input; the letters are the axes along which the
    resolution runs.

    ```toml
    [[tool.rfa.factories]]
    target = "acme.models:TwoStream"
    input-shape = [[1, 3, "H", "W"], [1, 2, "H", "W"]]
    ```

    ## References

    - The configuration page of this project, key `factories`.
    """

    code: ClassVar[str] = "RFA903"
    name: ClassVar[str] = "untraceable-model"
    status: ClassVar[str] = "untraceable"
    advice: ClassVar[str] = (
        "run the model on one image of this size yourself to see the error; if it wants another "
        'input, say which: factories = [{ target = "...", input-shape = [1, 3, "H", "W"] }] '
        "in [tool.rfa]"
    )
