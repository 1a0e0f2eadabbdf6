"""The pictures of a set, found by the names that annotations give them."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import walk
from multicnn.errors import DataError
from multicnn.image.datasets.suffixes import SUFFIXES


class Pictures:
    """All pictures below a folder, by file name."""

    def __init__(self, root: Path):
        self.root = root
        self.paths = list(walk(str(root), SUFFIXES, Counter()))
        self.by_name: dict[str, list[str]] = defaultdict(list)
        self.by_stem: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            self.by_name[os.path.basename(path)].append(path)
            self.by_stem[Path(path).stem].append(path)

    def find(self, name: str, where: str, near: Sequence[Path]) -> str:
        """The picture called `name`, relative to one of `near` or anywhere. Raises DataError for none or several."""
        name = name.replace("\\", "/")
        for folder in near:
            if (folder / name).is_file():
                return os.path.normpath(folder / name)
        base = os.path.basename(name)
        found = self.by_name.get(base) or self.by_stem.get(Path(base).stem, [])
        if len(found) != 1:
            what = "no picture" if not found else f"{len(found)} pictures"
            raise DataError(f"{where}: {what} named {base!r} below {self.root}; put it there under one name")
        return found[0]

    def id(self, path: str) -> str:
        """The path below the root."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def part(self, path: str) -> str:
        """The part that a folder on the picture's way names, or ""."""
        words = self.id(path).split("/")[:-1]
        return next((part for word in words if (part := part_of(word.rstrip("0123456789")))), "")
