"""What is worked out of a file of vectors once: kept in the user's cache until the file changes."""

import json
import os
import shutil
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from multicnn.data import cache
from multicnn.data.store import stamp

LAYOUT = 1  # of what is kept; part of the key
LONGEST_NAME = 40  # letters of a file's name
Build = Callable[[Path], dict[str, Any]]  # fills a folder, returns plain facts


def kept(path: Path, what: str, build: Build) -> tuple[Path, dict[str, Any]]:
    """The folder and the facts that `build` made of a file; built where the cache lacks them or the file has changed.

    Raises DataError when the cache cannot be written.
    """
    name = f"vectors-{path.name[:LONGEST_NAME]}-{_key(path, what)}"
    folder = cache.folder() / "stores" / name
    with cache.locked(name):
        facts = _read(folder)
        if facts is None:
            facts = _built(folder, build)
    cache.trim(keep=folder)
    return folder, facts


def _key(path: Path, what: str) -> str:
    told = json.dumps([LAYOUT, what, str(path.absolute()), stamp([str(path)])])
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        os.utime(folder / "meta.json")
    except (OSError, ValueError):
        return None
    return facts


def _built(folder: Path, build: Build) -> dict[str, Any]:
    """Build beside, then rename: a killed process leaves no half of an entry."""
    partial = folder.with_name(folder.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        facts = build(partial)
        (partial / "meta.json").write_text(json.dumps(facts), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except OSError as error:
        raise cache.unwritable(cache.folder(), error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return facts
