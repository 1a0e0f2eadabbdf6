"""What lies in a folder, as a person sees it: without hidden and system files, each folder entered once."""

import os
from collections import Counter
from collections.abc import Iterator
from os import DirEntry
from pathlib import Path

from multicnn.errors import DataError

JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "__pycache__"})  # case folded


def listing(folder: Path | str) -> list[DirEntry[str]]:
    """The entries of a folder by name. Raises DataError where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            seen = [e for e in entries if not e.name.startswith(".") and e.name.casefold() not in JUNK]
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read ({error.strerror}); check its name and rights") from None
    return sorted(seen, key=lambda entry: entry.name)


def is_folder(entry: DirEntry[str]) -> bool:
    """Whether an entry is a folder or a link to one; False, without an error, for a link that leads nowhere."""
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and os.path.isdir(entry.path))


def is_file(entry: DirEntry[str]) -> bool:
    """Whether an entry is a file or a link to one."""
    return entry.is_file(follow_symlinks=False) or (entry.is_symlink() and os.path.isfile(entry.path))


def kind(name: str) -> str:
    """The suffix in lower case, as it is counted for the user; of a packed file both, as in `.nii.gz`."""
    stem, last = os.path.splitext(name.lower())
    inner = os.path.splitext(stem)[1] if last == ".gz" else ""
    return inner + last or "without a suffix"


def counted(kinds: Counter[str]) -> str:
    """`2 .txt, 1 .pdf`"""
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())


def walk(
    folder: str, suffixes: frozenset[str], others: Counter[str], above: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[str]:
    """Paths of the files below a folder that end in one of `suffixes`; the rest is counted in `others`.

    A link back to a folder above is not followed.
    """
    here = os.stat(folder)
    if (here.st_dev, here.st_ino) in above:
        return
    for entry in listing(folder):
        if is_folder(entry):
            yield from walk(entry.path, suffixes, others, above | {(here.st_dev, here.st_ino)})
        elif not is_file(entry):
            others["broken link" if entry.is_symlink() else "special file"] += 1
        elif kind(entry.name) in suffixes:
            yield entry.path
        else:
            others[kind(entry.name)] += 1
