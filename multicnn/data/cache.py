"""The cache folder: decoded samples and measured facts, shared by all runs and processes, bounded in size.

MULTICNN_CACHE names the folder, MULTICNN_CACHE_SIZE its limit ("20 GB" unless told).
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from multicnn.errors import DataError, UsageError

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
DEFAULT_LIMIT = 20 * 10**9  # bytes
STALE = 3600.0  # seconds after which a half-written entry has no writer any more


@dataclass(frozen=True)
class Entry:
    """One packed data set in the cache."""

    path: Path
    name: str
    bytes: int
    used: float  # seconds since the epoch, of the last run that opened it


def folder() -> Path:
    """The cache folder, made if need be. Raises DataError when it cannot be written."""
    path = Path(os.environ.get("MULTICNN_CACHE") or user_cache_path("multicnn", appauthor=False))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    return path


def unwritable(path: Path, error: OSError) -> DataError:
    """The sentence for a cache that cannot be written: no right, or no space."""
    reason = error.strerror or str(error)
    return DataError(
        f"cannot write to the cache folder {path}: {reason}; free some space (`multicnn cache clear`) "
        "or set MULTICNN_CACHE to another folder"
    )


def limit() -> int:
    """Bytes the cache may hold. Raises UsageError when MULTICNN_CACHE_SIZE is no size."""
    text = os.environ.get("MULTICNN_CACHE_SIZE", "")
    if not text:
        return DEFAULT_LIMIT
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*", text.casefold())
    if not found:
        raise UsageError(f"MULTICNN_CACHE_SIZE is {text!r}, which is no size; write for example 20GB")
    return int(float(found[1]) * UNITS[found[2]])


@contextmanager
def locked(key: str) -> Iterator[None]:
    """Hold the lock of one entry, so that two processes never build or remove it at once."""
    (folder() / "locks").mkdir(exist_ok=True)
    with FileLock(folder() / "locks" / f"{key}.lock"):
        yield


def entries() -> list[Entry]:
    """All complete entries, the most recently used first."""
    found = [_entry(path) for path in (folder() / "stores").glob("*/meta.json")]
    return sorted(found, key=lambda e: -e.used)


def _entry(meta: Path) -> Entry:
    size = sum(f.stat().st_size for f in meta.parent.iterdir())
    return Entry(meta.parent, meta.parent.name.rsplit("-", 1)[0], size, meta.stat().st_mtime)


def remove(entry: Entry) -> bool:
    """Remove one entry unless another process is building or opening it. Open memory maps stay valid."""
    lock = FileLock(folder() / "locks" / f"{entry.path.name}.lock", timeout=0)
    (folder() / "locks").mkdir(exist_ok=True)
    try:
        with lock:
            shutil.rmtree(entry.path, ignore_errors=True)
    except Timeout:
        return False
    return True


def trim(keep: Path) -> list[Entry]:
    """Bring the cache below its limit, the least recently used first; `keep` stays. Returns what went."""
    removed, held = [], entries()
    total = sum(e.bytes for e in held)
    for entry in reversed(held):
        if total <= limit():
            break
        if entry.path != keep and remove(entry):
            removed.append(entry)
            total -= entry.bytes
    _sweep()
    return removed


def _sweep() -> None:
    """Remove what killed processes left half-written."""
    for path in (folder() / "stores").glob("*.partial"):
        if time.time() - max(f.stat().st_mtime for f in [path, *path.iterdir()]) > STALE:
            shutil.rmtree(path, ignore_errors=True)
