"""A project of small graphs, each of which depends on something else."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import projects

HEAD = """\
import rfa_core as rfa
from acme.log import built


def net(name, widths):
    graph = rfa.Graph(name)
    for place, width in enumerate(widths):
        graph.conv(f"conv{place}", filters=width, kernel=3)
    return graph
"""
MODELS = {
    "block": "from acme.blocks import widths\n\n\ndef block():\n    built('block')\n"
    "    return net('block', widths())\n",
    "config": "import json\nfrom pathlib import Path\n\n\ndef config():\n    built('config')\n"
    "    text = Path(__file__).with_name('config.json').read_text()\n"
    "    return net('config', json.loads(text))\n",
    "data": "import pkgutil\n\nWIDTHS = pkgutil.get_data('acme', 'data/widths.txt').split()\n\n\n"
    "def data():\n    built('data')\n    return net('data', map(int, WIDTHS))\n",
    "conditional": "try:\n    from acme.local import WIDTHS\nexcept ImportError:\n"
    "    WIDTHS = [8]\n\n\ndef conditional():\n    built('conditional')\n"
    "    return net('conditional', WIDTHS)\n",
    "package": "import fancy\n\n\ndef package():\n    built('package')\n"
    "    return net('package', [fancy.WIDTH])\n",
    "late": "def late():\n    from acme import deep\n\n    built('late')\n"
    "    return net('late', deep.WIDTHS)\n",
    "variable": "import os\n\n\ndef variable():\n    built('variable')\n"
    "    return net('variable', [int(os.environ.get('ACME_WIDTH', 8))])\n",
    "listing": "from pathlib import Path\n\n\ndef listing():\n    built('listing')\n"
    "    parts = sorted(Path(__file__).with_name('parts').glob('*.part'))\n"
    "    return net('listing', [8 for _ in parts])\n",
    "asked": "import json\nfrom pathlib import Path\n\n\ndef asked():\n    built('asked')\n"
    "    path = Path(__file__).with_name('override.json')\n    if not path.exists():\n"
    "        return net('asked', [8])\n    with path.open('r+') as file:\n"
    "        return net('asked', json.load(file))\n",
    "named": "import pkgutil\n\n\ndef named():\n    built('named')\n"
    "    return net('named', pkgutil.resolve_name('acme.shared:WIDTHS'))\n",
    "renamed": "import pkgutil\n\n\ndef renamed():\n    built('renamed')\n"
    "    return net('renamed', pkgutil.resolve_name('acme.shared:WIDTHS'))\n",
    "setting": "import outer\n\n\ndef setting():\n    built('setting')\n"
    "    return net('setting', [outer.setting('ACME_SETTING')])\n",
    "loose": "import loosely\n\n\ndef loose():\n    built('loose')\n"
    "    return net('loose', [loosely.WIDTH])\n",
    "alone": "def alone():\n    built('alone')\n    return net('alone', [8])\n",
}
COMMAND = Path(sysconfig.get_path("scripts"), "rfa")
METADATA = "Metadata-Version: 2.1\nName: fancy\nVersion: 1.0\n"
OUTER = METADATA.replace("fancy", "outer") + "Requires-Dist: inner[extra]>=1; python_version>'3'\n"
FILES = {
    "pyproject.toml": "[tool.rfa]\nresolutions = [16]\nfactories = ["
    + ", ".join(f'"acme.{name}:{name}"' for name in MODELS)
    + "]\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    "acme/__init__.py": "",
    "acme/log.py": "import os\n\n\ndef built(name):\n"
    "    with open(LOG, 'a') as log:\n        log.write(f'{name}\\n')\n\n\n"
    "LOG = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'built.log')\n",
    "acme/blocks.py": "from acme.widths import WIDTHS\n\n\ndef widths():\n    return WIDTHS\n",
    "acme/widths.py": "WIDTHS = [8, 8]\n",
    "acme/deep.py": "WIDTHS = [8]\n",
    "acme/shared.py": "WIDTHS = [8]\n",
    "acme/config.json": "[8, 8]",
    "acme/data/widths.txt": "8 8",
    "acme/parts/one.part": "",
    "site-packages/fancy/__init__.py": "WIDTH = 8\n",
    "site-packages/fancy-1.0.dist-info/METADATA": METADATA,
    "site-packages/fancy-1.0.dist-info/top_level.txt": "fancy\n",
    "site-packages/fancy-1.0.dist-info/RECORD": "fancy/__init__.py,,\n",
    "site-packages/outer/__init__.py": "import os\n\nfrom inner import WIDTH\n\n"
    "AT_IMPORT = os.environ.get('ACME_AT_IMPORT')\n\n\n"
    "def setting(name):\n    return int(os.environ.get(name, WIDTH))\n",
    "site-packages/outer-1.0.dist-info/METADATA": OUTER,
    "site-packages/outer-1.0.dist-info/RECORD": "outer/__init__.py,,\n",
    "site-packages/inner/__init__.py": "WIDTH = 8\n",
    "site-packages/inner-1.0.dist-info/METADATA": METADATA.replace("fancy", "inner"),
    "site-packages/inner-1.0.dist-info/RECORD": "inner/__init__.py,,\n",
    "site-packages/loosely.py": "WIDTH = 8\n",
    **{f"acme/{name}.py": f"{HEAD}\n\n{text}" for name, text in MODELS.items()},
}


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = dict(os.environ)
        self.environment["PYTHONPATH"] = os.pathsep.join(
            [str(root / "site-packages"), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        projects.written(root, FILES)

    def write(self, name: str, text: str) -> None:
        projects.written(self.root, {name: text})

    def rfa(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return projects.rfa(self.root, *arguments, env=self.environment)

    def by_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What ``rfa`` does that was installed: its script is a file that is nobody's."""
        return subprocess.run(
            [str(COMMAND), *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def built_by(self, *arguments: str) -> list[str]:
        """The models that a check builds, and that it is one."""
        log = self.root / "built.log"
        log.unlink(missing_ok=True)
        ran = self.rfa("check", *arguments)
        assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
        return sorted(log.read_text().split()) if log.exists() else []

    def upgrade(self, name: str) -> None:
        site = self.root / "site-packages"
        (site / f"{name}-1.0.dist-info").rename(site / f"{name}-2.0.dist-info")
        text = METADATA.replace("1.0", "2.0").replace("fancy", name)
        self.write(f"site-packages/{name}-2.0.dist-info/METADATA", text)

    def install_another(self) -> None:
        self.write("site-packages/other/__init__.py", "")
        text = METADATA.replace("fancy", "other")
        self.write("site-packages/other-1.0.dist-info/METADATA", text)
