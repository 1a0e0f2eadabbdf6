"""FactRuEval-2016: persons, organisations and places in Russian news. Starostin et al. 2016, dialog-21.ru."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from multicnn.data.layouts.encoding import read_text
from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError

FOLDERS = {"train": "devset", "test": "testset"}
TYPES = {"Person": "PER", "Org": "ORG", "LocOrg": "LOC", "Location": "LOC"}
NAMING = {"Org": "org_name", "LocOrg": "loc_name", "Location": "loc_name"}  # the parts that count; a person is whole
SOURCE = "https://github.com/dialogue-evaluation/factRuEval-2016"


class Part(NamedTuple):
    """A piece of an object: its kind, and where it stands in the text."""

    kind: str
    begin: int
    end: int


def factrueval(path: Path | None = None) -> Table:
    """The 122 documents of devset, to train on, and the 132 of testset; PER, ORG and LOC.

    As naeval and slovnet read it: a person is whole, of organisations and places only the names count (without
    "company", "city"), LocOrg (a country that acts) is a place; of spans that overlap the one that begins first stays,
    of these the longest. Raises DataError where a folder is absent, or naming the line that is not as published.
    """
    if path is None or not is_factrueval(path):
        where = (
            f"no {' and '.join(FOLDERS.values())} with book_*.objects in {path}" if path else "its folder is unknown"
        )
        raise DataError(f"factrueval: {where}; fetch {SOURCE} and give its folder")
    files = [(part, file) for part, folder in FOLDERS.items() for file in documents(path / folder)]
    texts = [read_text(file) for _, file in files]
    found = [entities(file) for _, file in files]
    kept = [apart(spans) for spans in found]
    classes, target = number_several([[c for *_, c in spans] for spans in kept], sorted(set(TYPES.values())))
    dropped = sum(map(len, found)) - sum(map(len, kept))
    said = f"FactRuEval-2016: {len(files)} documents, {sum(map(len, kept)):,} entities; {dropped} that overlap left out"
    return Table(
        name="factrueval",
        items=strings(texts),
        ids=strings(f"{file.parent.name}/{file.stem}" for _, file in files),
        classes=classes,
        target=target,
        split=strings(part for part, _ in files),
        answer=strings(json.dumps({"spans": spans}) for spans in kept),
        said=(said,),
    )


def is_factrueval(root: Path) -> bool:
    """Whether a folder holds both parts."""
    return all(any((root / folder).glob("book_*.objects")) for folder in FOLDERS.values())


def documents(folder: Path) -> list[Path]:
    """The texts in the order of their numbers."""
    return sorted(folder.glob("book_*.txt"), key=lambda file: (int("".join(filter(str.isdigit, file.stem)) or 0), file))


def entities(file: Path) -> list[tuple[int, int, str]]:
    """Begin, end and type of all names in a document, overlapping ones too; unknown kinds of objects are left out."""
    parts: dict[str, Part] = {}
    for n, words in lines(file.with_suffix(".spans")):
        if len(words) < 4 or not (words[2].isdigit() and words[3].isdigit()):
            raise DataError(
                f"{file.with_suffix('.spans')}: line {n} is no `id kind begin length`; fetch the file again"
            )
        begin = int(words[2])
        parts[words[0]] = Part(words[1], begin, begin + int(words[3]))
    found = []
    for n, (_, kind, *numbers) in lines(file.with_suffix(".objects")):
        if missing := [i for i in numbers if i not in parts]:
            raise DataError(f"{file.with_suffix('.objects')}: line {n} names span {missing[0]}, which .spans lacks")
        if kind in TYPES:
            found += [(begin, end, TYPES[kind]) for begin, end in named(kind, [parts[i] for i in numbers])]
    return found


def named(kind: str, parts: list[Part]) -> list[tuple[int, int]]:
    """Where the names of an object stand."""
    if kind not in NAMING:
        return [(min(p.begin for p in parts), max(p.end for p in parts))] if parts else []
    return [(p.begin, p.end) for p in parts if p.kind == NAMING[kind]]


def apart(spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Those that overlap none before them, in order."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not kept or kept[-1][1] <= span[0]:
            kept.append(span)
    return kept


def lines(path: Path) -> list[tuple[int, list[str]]]:
    """The number and the words of each line, without what stands behind `#`. Raises DataError for half a line."""
    if not path.is_file():
        raise DataError(f"{path}: the file is absent; fetch {SOURCE} again")
    split = [(n, line.partition("#")[0].split()) for n, line in enumerate(read_text(path).split("\n"), start=1)]
    kept = [(n, words) for n, words in split if words]
    if short := [n for n, words in kept if len(words) < 2]:
        raise DataError(f"{path}: line {short[0]} has one word only; fetch the file again")
    return kept
