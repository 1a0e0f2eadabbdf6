"""Damaged sets of texts in every layout: read as they are, or refused in one sentence that names the file."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.text.datasets import open_text

MADE = runpy.run_path(str(Path(__file__).with_name("torn_sets.py")))
LAYOUTS, DAMAGES, torn = MADE["LAYOUTS"], MADE["DAMAGES"], MADE["torn"]
BY_LINE = {"headerless", "trec", "fasttext", "numbered", "stsa", "trees", "cats", "prodigy", "doccano", "label studio"}


def sound(table: Table) -> None:
    """What every part of the suite relies on."""
    n, k = len(table), len(table.classes)
    assert n == len(table.ids) == len(table.target) > 0
    assert len(set(table.ids.tolist())) == n
    assert table.target.shape == ((n, k) if table.several else (n,))
    assert all(isinstance(text, str) and "\0" not in text for text in table.items.tolist())
    assert all(name.strip() for name in table.classes)
    assert table.counts().keys() == set(table.classes)
    assert table.split is None or set(table.split.tolist()) <= {"train", "val", "test", ""}
    assert all("\n" not in line for line in table.said)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_undamaged_set_is_read_whole(layout: str, tmp_path: Path):
    table = open_text(LAYOUTS[layout](tmp_path))
    sound(table)
    assert len(table.classes) == 2
    assert len(table) % len(MADE["PAIRS"]) == 0
    assert any("fine film 0" in text for text in table.items.tolist())


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_damaged_set_is_read_or_refused_by_name(layout: str, damage: str, tmp_path: Path):
    path, file = torn(layout, damage, tmp_path)
    before = file.read_bytes()
    try:
        sound(open_text(path))
    except (DataError, UsageError) as error:
        said = str(error)
        assert str(tmp_path) in said or file.name in said or path.stem in said, said
        assert "\n" not in said
        assert ";" in said or "," in said, f"says nothing to do: {said}"
        assert len(said) < 1000
    assert file.read_bytes() == before


def test_damage_of_one_line_is_named_by_its_line(tmp_path: Path):
    """In a file of a record a line, a line that is none is told by its number, whatever the layout."""
    for layout in sorted(BY_LINE):
        path = LAYOUTS[layout](tmp_path / layout)
        file = (
            max((f for f in path.rglob("*") if f.is_file()), key=lambda f: f.stat().st_size) if path.is_dir() else path
        )
        if file.suffix == ".json":
            continue
        lines = file.read_text().split("\n")
        number = int(np.argmax([len(line) > 0 for line in lines[15:]])) + 16
        lines[number - 1] = "?"
        file.write_text("\n".join(lines))
        with pytest.raises(DataError, match=rf"{file.name}: (row|line) {number} "):
            open_text(path)
