"""Parquet, Arrow and the folders that `datasets` writes, against files that pyarrow wrote."""

import builtins
import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import feather, ipc, parquet

from multicnn.data.layouts.arrow import is_dataset, read_arrow, read_dataset
from multicnn.data.layouts.tabular import read_table
from multicnn.errors import DataError, UsageError

LABEL = {"_type": "ClassLabel", "names": ["bad", "good"]}
FEATURES = {
    "text": {"_type": "Value", "dtype": "string"},
    "label": LABEL,
    "tags": {"_type": "Sequence", "feature": {"_type": "ClassLabel", "names": ["O", "B-PER"]}, "length": -1},
    "old": [LABEL],
    "spans": {"_type": "Sequence", "feature": {"kind": LABEL, "start": {"_type": "Value", "dtype": "int32"}}},
    "deep": {"one": LABEL},
}
ROWS = [
    {"text": "fine", "label": 1, "tags": [0, 1], "old": [1], "spans": {"kind": [0], "start": [3]}, "deep": {"one": 0}},
    {"text": "poor", "label": 0, "tags": [], "old": [], "spans": {"kind": [], "start": []}, "deep": {"one": 1}},
]
DECODED = [
    ["fine", "good", ["O", "B-PER"], ["good"], {"kind": ["bad"], "start": [3]}, {"one": "bad"}],
    ["poor", "bad", [], [], {"kind": [], "start": []}, {"one": "good"}],
]


def table(rows: list[dict[str, Any]] = ROWS, features: dict[str, Any] | None = None) -> pyarrow.Table:
    made = pyarrow.Table.from_pylist(rows)
    return (
        made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        if features
        else made
    )


def stream(path: Path, made: pyarrow.Table) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pyarrow.OSFile(str(path), "wb") as sink, ipc.new_stream(sink, made.schema) as writer:
        writer.write_table(made)
    return path


def saved(folder: Path, rows: list[dict[str, Any]], shards: int = 1) -> Path:
    """As `save_to_disk` does it: shards as Arrow streams, the names of the classes in a file beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"data-{n:05}-of-{shards:05}.arrow" for n in range(shards)]
    for n, name in enumerate(names):
        stream(folder / name, table(rows[n::shards]))
    (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES}))
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": n} for n in names], "_split": None}))
    return folder


@pytest.mark.parametrize("suffix", [".parquet", ".feather", ".arrow"])
def test_a_file_gives_the_names_of_its_classes_at_any_depth(suffix: str, tmp_path: Path):
    write = {".parquet": lambda t, p: parquet.write_table(t, p), ".feather": feather.write_feather}
    path = tmp_path / f"t{suffix}"
    write.get(suffix, lambda t, p: stream(p, t))(table(features=FEATURES), path)
    sheet = read_arrow(path)
    assert sheet.names == tuple(FEATURES)
    assert [list(row) for row in zip(*sheet.columns, strict=True)] == DECODED


def test_a_file_is_known_by_its_content_and_not_by_its_suffix(tmp_path: Path):
    parquet.write_table(table(), tmp_path / "t.arrow")
    assert read_arrow(tmp_path / "t.arrow").column("label") == [1, 0]


def test_a_saved_set_with_parts_and_shards_is_one_sheet_without_the_caches(tmp_path: Path):
    saved(tmp_path / "set" / "train", ROWS, shards=2)
    saved(tmp_path / "set" / "validation", ROWS[:1])
    stream(tmp_path / "set" / "train" / "cache-1f.arrow", table(ROWS * 5))
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train", "validation"]}')
    assert is_dataset(tmp_path / "set")
    sheet = read_dataset(tmp_path / "set")
    assert sheet.column("label") == ["good", "bad", "good"]
    assert sheet.column("split") == ["train", "train", "val"]
    assert sheet.name(2) == "validation/data-00000-of-00001.arrow:1"
    assert sheet.where(1).endswith("train/data-00001-of-00002.arrow: row 1")


def test_published_parquet_shards_tell_their_part_by_their_names(tmp_path: Path):
    for name in (
        "train-00000-of-00002-ab12",
        "train-00001-of-00002-cd34",
        "test-00000-of-00001",
        "unsupervised-00000-of-00001",
    ):
        (tmp_path / "data").mkdir(exist_ok=True)
        parquet.write_table(table(features=FEATURES), tmp_path / "data" / f"{name}.parquet")
    sheet = read_dataset(tmp_path)
    assert sheet.column("split") == ["test"] * 2 + ["train"] * 4
    assert sheet.said == ("data/unsupervised-00000-of-00001.parquet left out, no train, val or test",)


def test_a_label_that_nobody_gave_is_none(tmp_path: Path):
    parquet.write_table(table([{"label": -1}, {"label": 1}], {"label": LABEL}), tmp_path / "t.parquet")
    assert read_arrow(tmp_path / "t.parquet").column("label") == [None, "good"]


@pytest.mark.parametrize("bad", [-2, 2])
def test_a_class_number_without_a_name_is_refused(bad: int, tmp_path: Path):
    parquet.write_table(table([{"label": bad}], {"label": LABEL}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"t.parquet: column 'label' does not fit its description"):
        read_arrow(tmp_path / "t.parquet")


def test_a_missing_shard_is_named(tmp_path: Path):
    parquet.write_table(table(), tmp_path / "train-00001-of-00002.parquet")
    with pytest.raises(DataError, match=r"train-00000-of-00002.parquet is missing; fetch all"):
        read_dataset(tmp_path)
    saved(tmp_path / "set", ROWS)
    (tmp_path / "set" / "data-00000-of-00001.arrow").unlink()
    with pytest.raises(DataError, match=r"state.json: its file data-00000-of-00001.arrow is missing"):
        read_dataset(tmp_path / "set")


def test_damaged_descriptions_are_named(tmp_path: Path):
    saved(tmp_path / "a", ROWS)
    (tmp_path / "a" / "state.json").write_text("{}")
    with pytest.raises(DataError, match=r"state.json: names no data files"):
        read_dataset(tmp_path / "a")
    saved(tmp_path / "b", ROWS)
    (tmp_path / "b" / "dataset_info.json").write_text("[")
    with pytest.raises(DataError, match=r"dataset_info.json: its description of the columns cannot be read"):
        read_dataset(tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "dataset_dict.json").write_text("{}")
    with pytest.raises(DataError, match=r"c: no .parquet, .arrow, .feather file in it"):
        read_dataset(tmp_path / "c")


@pytest.mark.parametrize("suffix", [".parquet", ".feather", ".arrow"])
@pytest.mark.parametrize("damage", ["cut", "empty", "noise"])
def test_a_damaged_file_is_named(damage: str, suffix: str, tmp_path: Path):
    path = tmp_path / f"t{suffix}"
    parquet.write_table(table(), path)
    path.write_bytes({"cut": path.read_bytes()[:200], "empty": b"", "noise": b"\xff\x00" * 500}[damage])
    with pytest.raises(DataError, match=r"t.\w+: no Parquet or Arrow file, or a damaged one"):
        read_arrow(path)


def test_columns_of_one_name_and_bytes_that_are_no_text_are_refused(tmp_path: Path):
    made = pyarrow.Table.from_arrays([pyarrow.array(["a"]), pyarrow.array(["b"])], names=["text", "text"])
    with pytest.raises(DataError, match=r"two columns are named 'text'"):
        read_arrow(stream(tmp_path / "two.arrow", made))
    raw = pyarrow.Array.from_buffers(
        pyarrow.string(), 1, [None, pyarrow.py_buffer(b"\0\0\0\0\2\0\0\0"), pyarrow.py_buffer(b"\xff\xfe")]
    )
    with pytest.raises(DataError, match=r"raw.arrow: a cell cannot be read"):
        read_arrow(stream(tmp_path / "raw.arrow", pyarrow.Table.from_arrays([raw], names=["text"])))


def test_without_pyarrow_the_command_that_installs_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "pyarrow":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(UsageError, match=r"pip install 'multicnn\[arrow\]'"):
        read_arrow(tmp_path / "t.parquet")


def test_a_table_file_may_be_parquet(tmp_path: Path):
    parquet.write_table(table(features=FEATURES), tmp_path / "t.parquet")
    found = read_table(tmp_path / "t.parquet", item="text")
    assert found.classes == ("bad", "good")
    assert found.items.tolist() == ["fine", "poor"]
