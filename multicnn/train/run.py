"""The run folder: everything about one run, in plain files, written so that a kill never leaves half of one."""

import json
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomli_w

from multicnn.errors import DataError, UsageError

MARK = "model.json"  # the file by which a folder is known as a run
FACTS = (
    "modality",
    "task",
    "several_labels",
    "reader",
    "model",
    "settings",
    "classes",
    "preprocessing",
    "grid",
    "precision",
    "batch_size",
)
LONGEST_NAME = 40  # letters of a data set, of up to 4 bytes each, in names of files; 255 bytes are allowed
FOLDS = "folds.json"  # the same of a folder of runs, one a fold
CURVE = "curve.json"  # and of a folder of runs on shares of the training part


class RunFolder:
    """Where the files of a run are."""

    def __init__(self, path: Path):
        self.path = path
        self.config = path / "config.toml"
        self.environment = path / "env.json"
        self.data = path / "data.json"
        self.splits = path / "splits.csv"
        self.metrics = path / "metrics.jsonl"
        self.log = path / "log.txt"
        self.model = path / MARK
        self.best = path / "weights" / "best.safetensors"
        self.state = path / "weights" / "last" / "state.safetensors"
        self.evaluation = path / "evaluation"
        self.quoted = shlex.quote(str(path))  # as a shell takes it

    def write_metrics(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Replace metrics.jsonl, one object an epoch."""
        write_text(self.metrics, "".join(json.dumps(row) + "\n" for row in history))

    def write_config(self, tables: Mapping[str, Any]) -> None:
        """Every resolved setting; what is None is left out, for TOML has no such value."""
        write_text(self.config, tomli_w.dumps(without_none(tables)))

    def write_json(self, path: Path, value: Any) -> None:
        write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def create(name: str, out: Path | None, *, overwrite: bool) -> RunFolder:
    """A new folder: `out`, or runs/NAME, or runs/NAME-2 and so on.

    Raises UsageError when `out` holds something and `overwrite` does not allow to replace a run by it.
    """
    try:
        if out is None:
            return RunFolder(free(Path("runs"), name))
        refuse_taken(out, overwrite=overwrite)
        if out.exists() and any(out.iterdir()):
            shutil.rmtree(out)
        out.mkdir(parents=True, exist_ok=True)
        _probe(out)
        return RunFolder(out)
    except OSError as error:
        where = out or Path("runs").absolute()
        raise DataError(
            f"cannot write to {where}: {error.strerror or error}; choose another folder with --out"
        ) from error


def free(parent: Path, name: str) -> Path:
    """A new folder NAME, or NAME-2 and so on."""
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1_000_000):
        path = parent / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise DataError(f"{parent} is full of runs named {name}; remove some, or name one with --out")


def refuse_taken(out: Path, *, overwrite: bool) -> None:
    """Raises UsageError where a run may not be written: over anything but an older run, and over that only if asked."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    is_run = any((out / name).exists() for name in (MARK, FOLDS, CURVE))
    if not overwrite:
        way = "add --overwrite to replace that run, or " if is_run else ""
        raise UsageError(f"--out {out}: it exists and is not empty; {way}choose another folder")
    if not is_run:
        raise UsageError(
            f"--out {out}: it exists and is no run of multicnn, so --overwrite leaves it alone; choose another folder"
        )


def _probe(folder: Path) -> None:
    probe = folder / ".writable"
    probe.write_bytes(b"")
    probe.unlink()


def open_run(path: Path) -> RunFolder:
    """A folder that a run made. Raises UsageError when it is none."""
    if path.is_file():
        raise UsageError(f"{path} is a file; name a run folder, one that `train` made")
    if not path.is_dir():
        raise UsageError(f"no run at {path}: there is no such folder; runs lie under runs/ unless --out said otherwise")
    folder = RunFolder(path)
    for needed in (folder.model, folder.config):
        if not needed.is_file():
            raise UsageError(f"{path} is no run: it has no {needed.name}; name a folder that `train` made")
    return folder


def read_json(path: Path) -> Any:
    """Raises DataError when the file is missing or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error


def read_model(folder: RunFolder) -> dict[str, Any]:
    """What rebuilds the net of a run. Raises DataError when something of it is missing."""
    facts = read_json(folder.model)
    missing = [key for key in FACTS if not isinstance(facts, dict) or key not in facts]
    if missing:
        raise damaged(folder.model, f"no {missing[0]!r} in it")
    return facts


def damaged(path: Path, why: object) -> DataError:
    """The sentence for a file of a run folder that holds something else than was written."""
    return DataError(f"{path}: cannot be read ({why}); the run folder is damaged, train it anew")


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, in UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write beside, then rename. Raises DataError when the disk refuses."""
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise unwritable(path, error) from error


def unwritable(path: Path, error: Exception) -> DataError:
    """The sentence for a file that cannot be written: no right, no space, or a folder in its place."""
    reason = getattr(error, "strerror", None) or error
    return DataError(f"cannot write {path}: {reason}; free some space or choose another --out")


def without_none(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The same tables, nested ones too, without the keys whose value is None."""
    return {k: without_none(v) if isinstance(v, Mapping) else v for k, v in tables.items() if v is not None}
