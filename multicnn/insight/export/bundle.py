"""The folder that a model is shipped as: the graph, its labels, the way to read samples, and what runs it alone."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError, UsageError
from multicnn.insight.export.given import paths, texts
from multicnn.insight.export.source import FOLDER, PACKAGE, Thing, cut_out
from multicnn.train.run import unwritable, write_bytes, write_text

MARK = "preprocessing.json"  # the file by which a folder is known as a bundle
FILES = (
    "model.onnx", "model.onnx.data", "model.pt2", "run.py", "labels.json", MARK, "golden.npz", "bundle.json",
    "README.md",
)  # fmt: skip
TEMPLATE = Path(__file__).with_name("run.py.txt")
GIVEN = {"path": paths, "text": texts}
HELP = {"path": "one or more", "text": "one or more, a text each; - for a text a line of standard input"}
OUT = '\n    parser.add_argument("--out", metavar="FOLDER", help="write the files of the answers there")'
USAGE = {"path": "FILE...  ", "text": "FILE... | - < LINES"}
RUNTIMES = {  # by the graph's ending: the library, what loads the graph, what answers a raw batch
    ".onnx": (
        "onnxruntime", 'SESSION = onnxruntime.InferenceSession(HERE / "{MODEL}", providers=["CPUExecutionProvider"])',
        'SESSION.run(None, {"raw": raw})[0]',
    ),
    ".pt2": (
        "torch", 'GRAPH = torch.export.load(HERE / "{MODEL}").module()',
        "GRAPH(torch.from_numpy(raw)).detach().numpy()",
    ),
}  # fmt: skip
PACKAGES = {"PIL": "pillow", "soundfile": "soundfile", "soxr": "soxr"}  # that decode files, by what is imported


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """What a bundle is told of a model.

    reader: what reads a sample, made of `settings`.  rows: `(name, item, reader, ask, facts) -> lines of a table`,
    and the facts.  columns: of that table.  item: "path" or "text".  files: whether answers bring files.  instead: see
    `cut_out`.
    """

    title: str
    item: str
    classes: Sequence[str]
    columns: Sequence[str]
    reader: Thing
    settings: Mapping[str, Any]
    rows: Thing
    facts: Mapping[str, Any]
    files: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    instead: Mapping[Thing, Thing] = field(default_factory=dict)


Golden = Sequence[tuple[np.ndarray, np.ndarray]]  # raw batches and their answers


def write_bundle(folder: Path, model: str, shipped: Shipped, golden: Golden, tolerance: float) -> None:
    """All files but the graph, which lies at `folder / model`."""
    parts = cut_out([shipped.reader, shipped.rows, DataError, GIVEN[shipped.item]], shipped.instead)
    for path, source in parts.items():
        write_text(folder / path, source)
    write_text(folder / "run.py", runner(shipped, model, packages(parts.values())))
    labels = {"classes": [*shipped.classes], "columns": [*shipped.columns]}
    facts = {
        **shipped.about, "reader": dict(shipped.settings), "answer": dict(shipped.facts), "tolerance": tolerance,
        "packages": packages(parts.values()),
    }  # fmt: skip
    write_text(folder / "labels.json", json.dumps(labels, ensure_ascii=False, indent=1) + "\n")
    write_text(folder / MARK, json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    write_bytes(folder / "golden.npz", packed(golden))
    write_text(folder / "README.md", about(shipped, model, facts["packages"]))


def about(shipped: Shipped, model: str, needs: Sequence[str]) -> str:
    """The bundle's README."""
    usage = USAGE[shipped.item].strip()
    whole = ", and is one text; the texts of a table are given one a line" if shipped.item == "text" else ""
    return f"""# {shipped.title}

Made by `multicnn export`. multicnn is not needed to use it:

    pip install {" ".join([RUNTIMES[Path(model).suffix][0], "numpy", *needs])}
    python run.py {usage}
    python run.py --check

| file | what it holds |
|---|---|
| `{model}` | the network with what comes before it: raw samples in (`raw`), answers out (`answer`) |
| `run.py` | reads samples, asks the graph, prints the table that `multicnn predict` prints |
| `parts/` | the code of multicnn that reads samples and tells answers, cut down to what is needed |
| `labels.json` | class names, in the order of the answers; columns of the table |
| `preprocessing.json` | how samples are read: every setting of the reader, and of what tells answers |
| `golden.npz` | raw samples and the answers of multicnn to them: `raw_0`, `answer_0`, ... |
| `bundle.json` | what was compared before this folder was handed over |

FILE is a file, not a folder{whole}.
Numbers are in single precision. Words that training had not are unknown here, also where `multicnn predict` would look
them up in a file of vectors.
"""


def packages(sources: Iterator[str] | Sequence[str] | Any) -> list[str]:
    """What decodes files, of all that these sources import."""
    text = "\n".join(sources)
    return [name for module, name in PACKAGES.items() if f"from {module} import" in text or f"import {module}" in text]


def packed(golden: Golden) -> bytes:
    """As .npz: raw_0, answer_0, raw_1, ..."""
    arrays: dict[str, Any] = {
        f"{name}_{n}": a for n, pair in enumerate(golden) for name, a in zip(("raw", "answer"), pair, strict=True)
    }
    out = BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def runner(shipped: Shipped, model: str, needs: Sequence[str]) -> str:
    """The source of run.py."""
    names = {shipped.reader: "Reader", shipped.rows: "rows", DataError: "DataError", GIVEN[shipped.item]: "given"}
    lines = [
        f"from {thing.__module__.replace(PACKAGE, FOLDER, 1)} import {thing.__qualname__}"
        + (f" as {name}" if name != thing.__qualname__ else "")
        for thing, name in names.items()
    ]
    text = TEMPLATE.read_text(encoding="utf-8")
    library, graph, answer = RUNTIMES[Path(model).suffix]
    filled = {
        "TITLE": shipped.title, "USAGE": USAGE[shipped.item], "NEEDS": "".join(f", {name}" for name in needs),
        "FILES": "; with --out FOLDER its own files too" * shipped.files, "LIBRARY": library, "GRAPH": graph,
        "ANSWER": answer, "IMPORTS": "\n    ".join(sorted(lines)), "MODEL": model,
        "INSTALL": "".join(f" {name}" for name in needs), "HELP": HELP[shipped.item], "OUT": OUT * shipped.files,
    }  # fmt: skip
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@contextmanager
def replacing(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """A folder to write into that takes the place of `out` in the end, and goes where anything fails.

    Raises UsageError where `out` holds something, unless it is a bundle that may be replaced.
    """
    refuse_taken(out, overwrite=overwrite)
    partial = out.with_name(f".{out.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise unwritable(out, error) from error
    try:
        yield partial
        if out.exists():
            shutil.rmtree(out)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def stranger(bundle: Path) -> Path | None:
    """A file in the folder of a bundle that no export wrote; None where there is none."""
    for path in sorted(bundle.rglob("*")):
        place = path.relative_to(bundle)
        code = FOLDER in place.parts[:1] or "__pycache__" in place.parts
        if not path.is_dir() and not (path.suffix in (".py", ".pyc") if code else str(place) in FILES):
            return place
    return None


def refuse_taken(out: Path, *, overwrite: bool) -> None:
    """Raises UsageError where a bundle may not be written: over anything but an older one, and that only if asked."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    bundle = (out / MARK).exists()
    if bundle and (own := stranger(out)) is not None:
        raise UsageError(f"--out {out}: {own} in it is none of a bundle's files; move it away, or name another folder")
    if bundle and overwrite:
        return
    way = "add --overwrite to replace that bundle, or " if bundle else ""
    raise UsageError(f"--out {out}: it exists and is no empty folder; {way}name another")
