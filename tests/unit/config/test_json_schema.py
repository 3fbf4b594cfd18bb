"""What editors are told of ``[tool.rfa]``."""

import json
import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from rfa_core.config.json_schema import SCHEMA_FILE, schema, tool_schema
from rfa_core.config.reference import with_tables
from rfa_core.config.toml import loads

CHECKOUT = Path(__file__).parents[3]


def test_the_schema_that_ships_is_in_step_with_the_keys():
    shipped = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))

    assert shipped == tool_schema(), "run python -m rfa_core.config.json_schema"


def test_the_page_is_in_step_with_the_keys():
    page = (CHECKOUT / "docs/configuration.md").read_text(encoding="utf-8")

    assert page == with_tables(page), "run python -m rfa_core.config.reference FILE"
    assert page.count("\n| `resolutions` |") == 2


def test_the_schema_is_a_schema():
    Draft7Validator.check_schema(schema())


GOOD = {
    "everything": """
        required-version = ">=0.1,<2"
        resolutions = [64, "96x128", " 64X96 ", [16, 112, 112]]
        paths = ["src/models"]
        exclude = ["**/blocks.py"]
        factories = [
          "acme.models:resnet_small",
          { target = "acme.models:unet", kwargs.depth = 4, resolutions = [128] },
          { target = "acme.models:other", input-shape = [1, "H", "W"], ignore = ["RFA103"] },
          { target = "acme.models:two", input-shape = [[1, 3, "H", "W"], [1, "T"], [1], []] },
        ]
        select = ["RFA1", "RFA101", "RFA", "ALL"]
        ignore = ["RFA102"]
        extend-select = []
        fail-on = "never"
        max-unproductive-parameters = 0.05
        judge-pointwise = false
        judge-pooling = true
        tie = "productive"
        norm-statistics = "global"
        reports = ["json:rfa.json", "junit:C:/out/rfa.xml"]
        [severity]
        RFA104 = "error"
        """,
    "nothing": "",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_what_the_check_takes_the_schema_takes(text):
    problems = [error.message for error in Draft7Validator(schema()).iter_errors(loads(text))]

    assert problems == []


@pytest.mark.parametrize("page", ["README.md", "docs/usage.md", "docs/configuration.md"])
def test_the_configuration_that_is_shown_fits_the_schema(page):
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    shown = [loads(block) for block in re.findall(r"^```toml\n(.*?)^```", text, re.M | re.S)]
    tables = [document["tool"]["rfa"] for document in shown if "tool" in document]

    problems = [list(Draft7Validator(schema()).iter_errors(table)) for table in tables]

    assert tables
    assert problems == [[] for _ in tables]


def test_every_key_is_described_and_defaults_fit():
    properties = schema()["properties"]

    assert all(len(each["description"]) > 20 for each in properties.values())
    assert {name: each["default"] for name, each in properties.items() if "default" in each} == {
        "select": ["RFA1", "RFA201", "RFA202", "RFA9"],
        "baseline": ".rfa-baseline.json",
        "cache-dir": ".rfa_cache",
        "fail-on": "error",
        "judge-pointwise": True,
        "judge-pooling": False,
        "tie": "unproductive",
        "norm-statistics": "local",
    }


def test_the_entry_point_of_validate_pyproject_leads_to_the_schema():
    project = loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["entry-points"]["validate_pyproject.tool_schema"]

    found = EntryPoint("rfa", declared["rfa"], "validate_pyproject.tool_schema").load()

    assert found("rfa") == schema()
    with pytest.raises(ValueError, match="expected the tool 'rfa', found 'ruff'"):
        found("ruff")


def test_validate_pyproject_itself_refuses_what_is_wrong():
    api = pytest.importorskip("validate_pyproject.api")
    plugins = pytest.importorskip("validate_pyproject.plugins")
    plugin = plugins.PluginWrapper("rfa", schema)
    validator = api.Validator(plugins=[plugin])

    validator({"tool": {"rfa": {"resolutions": [64, "96x128"]}}})

    with pytest.raises(Exception, match=r"tool\.rfa"):
        validator({"tool": {"rfa": {"resolution": [64]}}})
