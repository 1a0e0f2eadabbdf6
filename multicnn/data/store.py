"""Every sample decoded once into a memory-mapped file, so that an epoch reads no picture, sound or text again.

Samples of one shape lie in one array `(n, *shape)`; samples of different length lie end to end with their offsets.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO

import numpy as np

from multicnn.data import cache
from multicnn.data.reader import Reader, cell
from multicnn.data.table import Table
from multicnn.errors import DataError

LAYOUT = 1  # of the files below; part of the key, so that an older layout is never misread
LONGEST_NAME = 40  # letters of a set's name, of up to 4 bytes each; a file's name has 255 bytes
BLOCK = 256  # samples decoded before their bytes are written
Tick = Callable[[int, int], None]  # samples done, samples in all


@dataclass(frozen=True, eq=False)
class Store:
    """Decoded samples, read-only.

    values: (n, *shape), or (total, *cell) with offsets (n + 1,).
    hashes: (n,) of each sample's decoded bytes.
    bad: row -> why it could not be read; such a row holds zeros, or nothing.
    """

    values: np.ndarray
    offsets: np.ndarray | None
    hashes: np.ndarray
    bad: dict[int, str]

    def __len__(self) -> int:
        return len(self.hashes)

    def __getitem__(self, row: int) -> np.ndarray:
        if self.offsets is None:
            return self.values[row]
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    def lengths(self, rows: np.ndarray) -> np.ndarray:
        """(n,) length of each sample along its first axis."""
        assert self.offsets is not None
        return self.offsets[rows + 1] - self.offsets[rows]


def open_store(table: Table, reader: Reader, *, workers: int = 0, tick: Tick = lambda done, of: None) -> Store:
    """The store of a table: opened if it lies in the cache, else decoded into it.

    `workers` threads decode files (0: one a core). Raises DataError when the cache cannot be written.
    """
    name = f"{table.name[:LONGEST_NAME]}-{_key(table, reader)}"
    path = cache.folder() / "stores" / name
    with cache.locked(name):
        store = _opened(path, reader)
        if store is None:
            try:
                path.parent.mkdir(exist_ok=True)
                _build(path, table, reader, workers, tick)
            except OSError as error:
                raise cache.unwritable(path.parent.parent, error) from error
            store = _load(path, reader)
    cache.trim(keep=path)
    return store


def pack(items: list[np.ndarray], reader: Reader) -> Store:
    """A store in memory, of samples decoded already."""
    hashes = np.array([digest(a) for a in items], dtype=np.uint64)
    if reader.shape is not None:
        return Store(np.stack(items), None, hashes, {})
    offsets = np.cumsum([0, *map(len, items)], dtype=np.int64)
    return Store(np.concatenate(items), offsets, hashes, {})


def _files(table: Table, reader: Reader) -> bool:
    """Whether the items are files: only their decoders leave the interpreter, so only they gain by threads."""
    return len(table) > 0 and bool(reader.files(table.items[0]))


def _key(table: Table, reader: Reader) -> str:
    """A fingerprint of what is read and of how it is decoded."""
    digest = blake2b(digest_size=10)
    digest.update(json.dumps([LAYOUT, type(reader).__name__, reader.settings()], sort_keys=True, default=str).encode())
    if table.items.dtype == np.dtypes.StringDType():
        for item in table.items:
            digest.update(f"{item}\0{stamp(reader.files(item))}".encode("utf-8", "surrogatepass"))
    else:
        digest.update(np.ascontiguousarray(table.items).data)
    return digest.hexdigest()


def stamp(files: Sequence[str]) -> str:
    """A text that changes when one of the files does."""
    found = ""
    for file in files:
        try:
            at = os.stat(file)
            found += f"{at.st_size}\0{at.st_mtime_ns}\0{at.st_ctime_ns}\0"
        except (OSError, ValueError):
            found += "none\0"
    return found


def digest(sample: np.ndarray) -> int:
    """The hash of a decoded sample's bytes."""
    return int.from_bytes(blake2b(np.ascontiguousarray(sample).data, digest_size=8).digest(), "little")


def _opened(path: Path, reader: Reader) -> Store | None:
    """What lies in the cache; None where there is nothing, or something that a crash of the machine has damaged."""
    try:
        store = _load(path, reader)
        os.utime(path / "meta.json")
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return store


def _build(path: Path, table: Table, reader: Reader, workers: int, tick: Tick) -> None:
    """Decode into a folder beside `path`, then rename: a killed process leaves no half of an entry."""
    partial = path.with_name(path.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        with open(partial / "values.bin", "wb") as out:
            lengths, hashes, bad = _decode(out, table, reader, workers, tick)
        np.save(partial / "hashes.npy", hashes)
        if reader.shape is None:
            np.save(partial / "offsets.npy", np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
        meta = {"samples": len(table), "bad": bad, "reader": type(reader).__name__}
        (partial / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
        shutil.rmtree(path, ignore_errors=True)
        partial.rename(path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _decode(
    out: IO[bytes], table: Table, reader: Reader, workers: int, tick: Tick
) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    lengths = np.zeros(len(table), dtype=np.int64)
    hashes = np.zeros(len(table), dtype=np.uint64)
    bad: dict[int, str] = {}
    blank = np.zeros(reader.shape if reader.shape is not None else (0, *cell(reader)), dtype=reader.dtype)
    for row, sample in enumerate(_samples(table, reader, workers)):
        if isinstance(sample, DataError):
            bad[row], sample = str(sample), blank
        sample = np.ascontiguousarray(sample, dtype=reader.dtype)
        out.write(sample.data)
        lengths[row], hashes[row] = len(sample), digest(sample)
        if row % BLOCK == BLOCK - 1 or row == len(table) - 1:
            tick(row + 1, len(table))
    return lengths, hashes, bad


def _samples(table: Table, reader: Reader, workers: int) -> Iterator[np.ndarray | DataError]:
    """Each row's array, or why there is none; files are decoded by threads, a block ahead at most."""

    def read(row: int) -> np.ndarray | DataError:
        try:
            return reader(table.items[row])
        except DataError as error:
            return error

    threads = workers or os.cpu_count() or 1
    if threads == 1 or not _files(table, reader):
        yield from map(read, range(len(table)))
        return
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(table), BLOCK):
            yield from pool.map(read, range(start, min(start + BLOCK, len(table))), chunksize=8)


def _load(path: Path, reader: Reader) -> Store:
    meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
    bad = {int(row): why for row, why in meta["bad"].items()}
    hashes = np.load(path / "hashes.npy")
    shape = (-1, *cell(reader)) if reader.shape is None else (meta["samples"], *reader.shape)
    empty = (path / "values.bin").stat().st_size == 0
    values = np.zeros(0, reader.dtype) if empty else np.memmap(path / "values.bin", dtype=reader.dtype, mode="r")
    offsets = np.load(path / "offsets.npy") if reader.shape is None else None
    values = values.reshape(shape)
    if offsets is not None and offsets[-1] != len(values):
        raise ValueError(f"{path}: {len(values)} steps, where {offsets[-1]} were written")
    return Store(values, offsets, hashes, bad)
