"""The folder of explanations: a picture an input, a page, numbers as JSON and CSV."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError, UsageError
from multicnn.insight.explain import METHODS
from multicnn.insight.explain.cams import check_level
from multicnn.insight.explain.pictures import draw_filters, draw_maps, first_filters, maps
from multicnn.insight.page import Html, join, page, paragraph, picture, section, table
from multicnn.train.run import read_json, unwritable, write_text
from multicnn.train.voice import Voice
from multicnn.verbs.explain import Explained, Explainer, Explanation, explain, parts
from multicnn.verbs.together import Unread

MARK = "explanations.json"  # the file by which such a folder is known
COLUMNS = (
    "id", "label", "chance", "method", "deletion", "random_deletion", "insertion", "random_insertion", "gain",
    "likeness", "seconds", "file", "error",
)  # fmt: skip
LONGEST = 40  # letters of an input in a file's name


class Gallery:
    """Explanations of one run, written as they come; `finish` writes what tells of all.

    Raises UsageError where `path` holds something, unless it is an older gallery and `overwrite` allows to replace it.
    """

    def __init__(self, path: Path, explainer: Explainer, *, overwrite: bool = False):
        self.path, self.explainer = path, explainer
        self.found: list[Explained] = []
        self.records: list[dict[str, Any]] = []
        self.parts: list[Html] = []
        self.files: list[str] = []
        clear(path, overwrite=overwrite)

    def add(self, found: Explained) -> None:
        """Draw one."""
        self.found.append(found)
        if not isinstance(found, Explanation):
            self.records.append(found.record())
            self.parts.append(section(found.id, paragraph(found.error if isinstance(found, Unread) else found.line())))
            return
        heat, reader = self.explainer.trained.modality.heat, self.explainer.trained.reader
        file = self._file(f"{len(self.records) + 1:03}-{plain(found.id)}-{plain(found.label)}.png")
        heat.draw(found.seen, reader, self.path / file)
        self.records.append(found.record() | heat.spell(found.seen, reader) | {"file": file})
        self.parts.append(
            section(found.id, heat.mark(found.seen, reader, (self.path / file).read_bytes()), told(found))
        )

    def filters(self) -> None:
        """Draw those of the net's first layer."""
        file = self._file("filters.png")
        draw_filters(self.explainer.net, self.path / file)
        self._show("Filters of the first layer", file)

    def maps(self, name: str, item: Any) -> None:
        """Draw those of the level for the first part of an input; none where it cannot be read."""
        try:
            raw = next(parts(self.explainer.trained, item)).raw
        except DataError:
            return
        file = self._file(f"maps-{len(self.files) + 1:03}-{plain(name)}.png")
        net, level = self.explainer.net, self.explainer.level
        upward = self.explainer.trained.modality.name == "audio"
        title = f"maps of level {check_level(net, level)} for {Path(name).name}"
        draw_maps(maps(net, raw, level), self.path / file, title, upward=upward)
        self._show(f"Feature maps: {name}", file)

    def _show(self, title: str, file: str) -> None:
        self.parts.append(section(title, picture((self.path / file).read_bytes(), title)))

    def _file(self, name: str) -> str:
        self.files.append(name)
        return name

    def summary(self) -> dict[str, Any]:
        """As JSON says it."""
        return {
            "run": str(self.explainer.trained.folder.path),
            "method": self.explainer.method,
            "out": str(self.path),
            "files": self.files,
            "explanations": self.records,
        }

    def finish(self) -> None:
        """Write explanations.json, scores.csv and index.html."""
        write_text(self.path / MARK, json.dumps(self.summary(), indent=2, ensure_ascii=False) + "\n")
        write_text(self.path / "scores.csv", as_csv(self.records))
        title = f"Explanations of {self.explainer.trained.folder.path.resolve().name}"
        short = section("In short", *map(paragraph, in_short(self.records)))
        write_text(self.path / "index.html", page(title, [short, *self.parts]))


def write_gallery(
    explainer: Explainer, items: Sequence[tuple[str, Any]], path: Path, voice: Voice, *, overwrite: bool = False,
    filters: bool = False, maps: bool = False,
) -> Gallery:  # fmt: skip
    """Explain all items, say a line of each, and draw them into a folder; see `Gallery`."""
    level = explainer.level if maps or explainer.levels else refuse_level(explainer)
    if maps:
        check_level(explainer.net, level)
    if filters:
        first_filters(explainer.net)
    made = Gallery(path, explainer, overwrite=overwrite)
    if filters:
        made.filters()
    for one in explain(explainer, items, voice):
        made.add(one)
        voice.say(f"warning: {one.error}" if isinstance(one, Unread) else one.line())
    if maps:
        for name, item in items:
            made.maps(name, item)
    made.finish()
    for line in in_short(made.records):
        voice.say(line)
    voice.say(f"{counted(len(made.files), 'picture')}: {path / 'index.html'}")
    return made


def refuse_level(explainer: Explainer) -> None:
    """Raises UsageError where a level is given that nothing looks at."""
    if explainer.level is not None:
        way = ", ".join(name for name, way in METHODS.items() if way.levels)
        raise UsageError(f"--level is for --maps, {way}, and {explainer.method} looks at no level; leave it out")


def clear(path: Path, *, overwrite: bool) -> None:
    """An empty folder. Raises UsageError, see `Gallery`; of an older gallery only what it wrote itself is removed."""
    try:
        if path.exists() and not path.is_dir():
            raise UsageError(f"--out {path}: a file; explanations are several files, name a folder for them")
        if path.exists() and any(path.iterdir()):
            refuse(path, overwrite=overwrite)
            for name in (*read_json(path / MARK).get("files", ()), MARK, "scores.csv", "index.html"):
                (path / Path(str(name)).name).unlink(missing_ok=True)
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def refuse(path: Path, *, overwrite: bool) -> None:
    """Raises UsageError for a folder that may not be written into."""
    ours = (path / MARK).is_file()
    if not (overwrite and ours):
        way = "add --overwrite to replace these explanations, or " if ours else ""
        raise UsageError(f"--out {path}: it exists and is not empty; {way}choose another folder")


def free(parent: Path) -> Path:
    """explanations, or explanations-2 and so on, where there is nothing yet."""
    for number in range(1, 1_000_000):
        path = parent / ("explanations" if number == 1 else f"explanations-{number}")
        if not path.exists():
            return path
    raise DataError(f"{parent} is full of explanations; remove some, or name a folder with --out")


def plain(name: str) -> str:
    """A part of a file's name."""
    stem = Path(name).stem or name
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in stem)[:LONGEST] or "input"


def told(found: Explanation) -> Html:
    """The numbers of one explanation."""
    f = found.faithfulness
    rows = [
        ["deletion, lower is better", f.deletion, f.random_deletion],
        ["insertion, higher is better", f.insertion, f.random_insertion],
    ]
    said = paragraph(
        f"{found.label} {found.chance:.3f} by {found.method}: {'more' if f.gain > 0 else 'not more'} faithful than "
        f"random orders; likeness to the heat of an untrained net {found.likeness:z.2f}",
        kind="good" if f.gain > 0 else "bad",
    )
    return join([said, table(["area below the curve", "this", "random"], rows)])


def counted(n: int, what: str) -> str:
    """`1 picture`, `2 pictures`"""
    return f"{n} {what}{'s' * (n != 1)}"


def in_short(records: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Of all inputs."""
    real = [r for r in records if "gain" in r]
    if not real:
        return
    better = sum(r["gain"] > 0 for r in real)
    likeness = float(np.median([abs(r["likeness"]) for r in real]))
    yield (
        f"{better} of {counted(len(real), 'explanation')} {'is' if better == 1 else 'are'} more faithful than random "
        f"orders; median |likeness| to an untrained net's {likeness:.2f} (0: the heat hangs on what was learnt, 1: it "
        "would be the same without)"
    )


def as_csv(records: Iterable[dict[str, Any]]) -> str:
    """A line an explanation."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(COLUMNS)
    for record in records:
        write([f"{v:.6g}" if isinstance(v := record.get(c, ""), float) else v for c in COLUMNS])
    return out.getvalue()
