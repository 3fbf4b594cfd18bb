"""RFA901."""

from __future__ import annotations

from typing import ClassVar

from rfa_core.rules.failure_rule import FailureRule


class UnimportableModule(FailureRule):
    """## What it does

    Says that the module which holds a model cannot be imported, and why.

    ## Why is this bad?

    What cannot be imported cannot be checked: the model has no verdict, and a run without a
    verdict must not pass.

    ## Example

    ```python
    # acme/models.py
    import timm  # not installed where the check runs
    ```

    Whatever else is found in the run, the exit code is 2.

    ## Use instead

    Run the check in the environment of the project. If the file is no model of yours, leave
    it out.

    ```toml
    [tool.rfa]
    exclude = ["src/acme/legacy/**"]
    ```

    ## References

    - The Python language reference, section 5: *The import system*.
    """

    code: ClassVar[str] = "RFA901"
    name: ClassVar[str] = "unimportable-module"
    status: ClassVar[str] = "unimportable"
    advice: ClassVar[str] = (
        "run the check in the environment of the project, with everything the module imports "
        "installed; or leave the file out with exclude = [...] in [tool.rfa]"
    )
