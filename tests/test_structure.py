"""The shape of the code: arrows, sizes, likeness of the modalities, and the tools that the README names."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "multicnn"
FILES = sorted(PACKAGE.rglob("*.py"))
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["lint-imports"],
        ["ruff", "check", "--no-cache"],
        ["ruff", "format", "--check", "--no-cache"],
        ["basedpyright", "--level", "error", "--pythonpath", sys.executable],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_code_passes_its_own_tools(command):
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_stay_short():
    long = {p.relative_to(ROOT).as_posix(): n for p in FILES if (n := len(p.read_text().splitlines())) > 300}
    assert not long


def test_modalities_are_alike():
    """The same names in each; a modality may split one of them, but lacks none."""
    common = {"__init__.py", "augment.py", "datasets", "defaults.py", "frontend.py", "heat.py", "media.py", "reader.py"}
    common |= {"show.py"}
    for name in ("image", "audio", "text"):
        assert {p.name for p in (PACKAGE / name).iterdir()} >= common
        tree = ast.parse((PACKAGE / name / "__init__.py").read_text())
        assigned = [t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
        assert assigned == ["DATASETS", "FRONTENDS", "AUGMENTS", "TASKS", "MODALITY", "train"]


def test_everything_public_is_documented():
    missing = []
    for path in FILES:
        tree = ast.parse(path.read_text())
        if path.stat().st_size and not ast.get_docstring(tree):
            missing.append(path.name)
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                missing.append(f"{path.name}: {node.name}")
    assert not missing


def test_registries_hold_what_their_names_say():
    from multicnn.api import MODALITIES, modality

    for name in MODALITIES:
        found = modality(name)
        assert found.name == name
        assert all(kind.default_data in kind.datasets for kind in found.tasks.values())
        assert found.tasks.keys() >= {"classify"}
