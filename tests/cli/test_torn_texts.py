"""Damaged sets of texts through the real command: trained on as they are, or refused in one line; nothing touched."""

import runpy
from pathlib import Path

import pytest

MADE = runpy.run_path(str(Path(__file__).parents[1] / "text" / "torn_sets.py"))
LAYOUTS, DAMAGES, torn = list(MADE["LAYOUTS"]), list(MADE["DAMAGES"]), MADE["torn"]
SAMPLE = [(layout, DAMAGES[(5 * n + turn) % len(DAMAGES)]) for turn in (0, 1) for n, layout in enumerate(LAYOUTS)]
LITTLE = ("--epochs", "1", "--precision", "fp32", "--device", "cpu", "--set", "train.ema=0")


@pytest.mark.parametrize(("layout", "damage"), SAMPLE)
def test_a_damaged_set_is_trained_on_or_refused(layout: str, damage: str, tmp_path: Path, monkeypatch, command):
    path, file = torn(layout, damage, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    before = {f: f.read_bytes() for f in (tmp_path / "data").rglob("*") if f.is_file()}
    answer = command("text", "train", path, "--out", "run", *LITTLE)
    assert answer.code in (0, 3), answer.err
    assert "Traceback" not in answer.err
    assert "run again with --debug" not in answer.err
    assert {f: f.read_bytes() for f in (tmp_path / "data").rglob("*") if f.is_file()} == before
    if answer.code == 0:
        assert answer.out.count("beside it, ") == 3
    else:
        assert len(answer.errors) == 1, answer.err
        assert file.name in answer.errors[0] or path.stem in answer.errors[0]
