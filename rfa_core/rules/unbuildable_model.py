"""RFA902."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.rules.failure_rule import FailureRule


class UnbuildableModel(FailureRule):
    """## What it does

    Says that a factory raised, needs arguments that are not known, or returned something
    that is no model.

    Also that the model was not done within `--timeout`, took more than
    `--memory-limit`, or ended or crashed the process in which it was built and analysed.

    ## Why is this bad?

    The model has no verdict, and a run without a verdict must not pass. Often the factory is
    broken for its users, too: of 549 models found in public repositories, 39 cannot be built
    at all (integer divisions of Python 2, undefined names).

    ## Example

    ```python
    def unet(depth): ...  # TypeError: unet() missing 1 required argument: 'depth'
    ```

    ## Use instead

    Say with which arguments to call it.

    ```toml
    [tool.rfa]
    factories = [{ target = "acme.models:unet", kwargs = { depth = 4 } }]
    ```

    ## References

    - The configuration page of this project, key `factories`.
    """

    code: ClassVar[str] = "RFA902"
    name: ClassVar[str] = "unbuildable-model"
    status: ClassVar[str] = "unbuildable"
    advice: ClassVar[str] = (
        "call the factory yourself to see the error; if it needs arguments, name them: "
        'factories = [{ target = "...", kwargs = { ... } }] in [tool.rfa]'
    )
