"""Where the recordings lie that a table or a label file names."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.data.layouts.tree import walk
from multicnn.errors import DataError

AUDIO = ("audio", "wav", "sounds", "recordings")  # folders that hold sounds beside their tables


class Places:
    """The sounds below some folders, found by path, by name, or by the part of a name that tells a YouTube clip.

    lenient: whether a missing file is passed over, as `find` then gives None, for sets that never are complete.
    """

    def __init__(self, folders: Sequence[Path], *, lenient: bool = False):
        self.folders, self.lenient = list(folders), lenient
        self._names: dict[str, list[str]] | None = None

    @property
    def names(self) -> dict[str, list[str]]:
        """The sounds by their names with and without suffix; looked up once."""
        if self._names is None:
            self._names = defaultdict(list)
            for path in dict.fromkeys(p for f in self.folders if f.is_dir() for p in walk(str(f), SUFFIXES, Counter())):
                name = os.path.basename(path)
                for key in {name, os.path.splitext(name)[0], clip(name)}:
                    self._names[key].append(path)
        return self._names

    def find(self, name: str, where: str) -> str | None:
        """The file. Raises DataError where there is none, or several of that name."""
        for folder in self.folders:
            path = os.path.normpath(folder / name.replace("\\", "/"))
            if os.path.isfile(path):
                return path
        base = os.path.basename(name.replace("\\", "/"))
        same = next((self.names[key] for key in (base, f"Y{base}", clip(base)) if key in self.names), [])
        if len(same) > 1:
            raise DataError(f"{where}: {name} may be {same[0]} or {same[1]}; write its path")
        if not same and not self.lenient:
            looked = ", ".join(map(str, self.folders))
            raise DataError(f"{where}: no such file {name} below {looked}; correct the name, or add the file")
        return same[0] if same else None


def clip(name: str) -> str:
    """`Yabc_30.000_40.000.wav`, `abc_30000` and `abc` all name the clip `abc`, whose code has 11 characters."""
    stem = name.split(".")[0] if "_" not in name[:12] else name
    stem = stem.removeprefix("Y") if len(stem) > CODE and stem[0] == "Y" else stem
    return f"clip {stem[:CODE]}" if len(stem) == CODE or stem[CODE : CODE + 1] == "_" else stem


CODE = 11  # characters of YouTube's


def around(table: Path) -> list[Path]:
    """The folders where the files of a table may lie: its own, one for sounds in it or beside it, a mirrored one."""
    folder = table.parent
    beside = [base / name for base in (folder, folder.parent) for name in AUDIO]
    parts = folder.parts
    mirrored = []
    if "metadata" in parts:
        at = len(parts) - 1 - parts[::-1].index("metadata")
        base = Path(*parts[:at], "audio", *parts[at + 1 :])
        mirrored = [base / table.stem, base, Path(*parts[:at], "audio")]
    return [folder, *(p for p in [*mirrored, *beside] if p.is_dir())]
