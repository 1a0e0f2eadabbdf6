"""The packed store: once decoded, shared, bounded, and never half-written."""

import subprocess
import sys
import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from multicnn.data import cache
from multicnn.data.store import open_store, pack
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError


@dataclass(frozen=True, kw_only=True)
class Bytes:
    """Reads a file's bytes, as they are or cut to a size."""

    size: int | None = None

    dtype = np.dtype(np.uint8)
    window = None
    quantum = 1
    said = ()

    @property
    def shape(self) -> tuple[int, ...] | None:
        return None if self.size is None else (self.size,)

    def files(self, item: str) -> tuple[str, ...]:
        return (item,)

    def settings(self) -> dict[str, Any]:
        return {"size": self.size}

    def __call__(self, item: str) -> np.ndarray:
        try:
            with open(item, "rb") as f:
                data = f.read()
        except OSError as error:
            raise DataError(f"{item}: {error.strerror}") from error
        return np.frombuffer(data[: self.size], dtype=np.uint8)


@pytest.fixture
def table(tmp_path) -> Table:
    folder = tmp_path / "files"
    folder.mkdir()
    for n in range(600):
        (folder / f"{n}.bin").write_bytes(bytes([n % 256]) * (5 + n % 7))
    return table_of(folder)


def table_of(folder) -> Table:
    paths = sorted(folder.iterdir(), key=lambda p: int(p.stem))
    items = strings(str(p) for p in paths)
    return Table("files", items, strings(p.name for p in paths), ("a",), np.zeros(len(paths), dtype=np.int64))


def test_samples_of_any_length_come_back_as_they_were(table):
    store = open_store(table, Bytes())
    assert len(store) == 600
    for n in (0, 1, 255, 256, 599):
        assert store[n].tolist() == [n % 256] * (5 + n % 7)
    assert store.lengths(np.array([0, 6])).tolist() == [5, 11]


def test_samples_of_one_shape_lie_in_one_array(table):
    store = open_store(table, Bytes(size=5))
    assert store.values.shape == (600, 5)
    assert store[300].tolist() == [44] * 5


def test_a_second_opening_decodes_nothing(table):
    open_store(table, Bytes())
    seen = []
    open_store(table, Bytes(), tick=lambda done, of: seen.append(done))
    assert not seen


def test_a_changed_file_is_decoded_anew(table, tmp_path):
    first = open_store(table, Bytes())
    (tmp_path / "files" / "3.bin").write_bytes(b"\x09")
    second = open_store(table, Bytes())
    assert second[3].tolist() == [9]
    assert first[3].tolist() == [3] * 8  # the older map stays what it was


def test_other_settings_are_another_entry(table):
    open_store(table, Bytes())
    open_store(table, Bytes(size=5))
    assert len(cache.entries()) == 2


def test_equal_content_has_equal_hashes(table):
    store = open_store(table, Bytes())
    assert store.hashes[0] != store.hashes[1]
    assert pack([store[0].copy(), store[1].copy()], Bytes()).hashes.tolist() == store.hashes[:2].tolist()


def test_unreadable_files_are_noted_and_the_others_read(table, tmp_path):
    (tmp_path / "files" / "5.bin").unlink()
    store = open_store(table, Bytes())
    assert list(store.bad) == [5]
    assert "No such file" in store.bad[5]
    assert store[6].tolist() == [6] * 11


def test_the_oldest_entries_make_room(table, monkeypatch):
    monkeypatch.setenv("MULTICNN_CACHE_SIZE", "13KB")
    first = open_store(table, Bytes(size=5))
    open_store(table, Bytes(size=4))
    assert [e.path.name for e in cache.entries()] == [cache.entries()[0].path.name]
    assert first[7].tolist() == [7] * 5  # an open map survives its removal


def test_a_size_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("MULTICNN_CACHE_SIZE", "plenty")
    with pytest.raises(UsageError, match="MULTICNN_CACHE_SIZE is 'plenty'"):
        cache.limit()


@pytest.mark.parametrize(("text", "size"), [("20GB", 20e9), ("1.5 G", 1.5e9), ("300 MiB", 3e8), ("1000", 1000)])
def test_sizes_are_read(monkeypatch, text, size):
    monkeypatch.setenv("MULTICNN_CACHE_SIZE", text)
    assert cache.limit() == size


def test_a_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MULTICNN_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match="set MULTICNN_CACHE to another folder"):
        cache.folder()


def test_a_failed_build_leaves_nothing(table, monkeypatch):
    class Broken(Bytes):
        def __call__(self, item: str) -> np.ndarray:
            raise OSError(28, "No space left on device")

    with pytest.raises(DataError, match="No space left on device; free some space"):
        open_store(table, Broken(), workers=1)
    assert not list((cache.folder() / "stores").iterdir())


def test_two_processes_share_one_cache(table, tmp_path):
    """Both open the same set at once: one decodes, the other waits, both read the same."""
    script = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        sys.path.insert(0, {str(__file__.rsplit("/", 1)[0])!r})
        from test_store import Bytes, table_of
        from multicnn.data.store import open_store
        seen = []
        store = open_store(table_of(Path({str(tmp_path / "files")!r})), Bytes(), tick=lambda n, of: seen.append(n))
        print(int(store.hashes.sum()), len(seen))
    """)
    processes = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    lines = [p.communicate(timeout=120)[0].split() for p in processes]
    assert lines[0][0] == lines[1][0]
    assert sorted(int(seen) > 0 for _, seen in lines) == [False, True]
