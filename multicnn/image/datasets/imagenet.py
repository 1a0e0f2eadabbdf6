"""ImageNet's folders: a folder a synset, whose names come from a file of words; val pictures that a list answers.

Russakovsky et al. 2014, arxiv.org/abs/1409.0575. ILSVRC as it is packed, as Kaggle has it, and Tiny ImageNet.
"""

import csv
import json
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from multicnn.data.layouts.folder import read_folder
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_folder, listing, walk
from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.image.datasets.suffixes import SUFFIXES

SYNSET = re.compile(r"n\d{8}")
BELOW = ("", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC")  # where the parts lie below what the user names
ABOVE = 4  # folders, from the parts' own upwards, that are searched for words and answers
WORDS = ("synset_words.txt", "LOC_synset_mapping.txt", "words.txt", "imagenet_class_index.json")
ANSWERS = ("LOC_val_solution.csv", "val_annotations.txt")  # Kaggle's, Tiny ImageNet's


def imagenet_place(path: Path) -> Path | None:
    """The folder whose folders, or those of its train part, are all synsets; None where there is none."""
    for place in (path / below for below in BELOW):
        if not place.is_dir():
            continue
        train = parts_of(place).get("train", place)
        folders = [e.name for e in listing(train) if is_folder(e)]
        if folders and all(map(SYNSET.fullmatch, folders)):
            return place
    return None


def parts_of(place: Path) -> dict[str, Path]:
    """The folder of each part."""
    return {part: Path(e.path) for e in listing(place) if is_folder(e) and (part := part_of(e.name))}


def read_imagenet(path: Path, place: Path) -> Table:
    """The parts of `place`, classes in the order of their synsets (torchvision's) under their first words.

    Raises DataError for val pictures in no synset's folder that no list answers, and for a damaged list.
    """
    val = parts_of(place).get("val")
    flat = val is not None and not any(SYNSET.fullmatch(e.name) for e in listing(val) if is_folder(e))
    table = with_answers(place, val) if val is not None and flat else read_folder(place, SUFFIXES)
    return named(replace(table, name=path.resolve().name), place)


def with_answers(place: Path, val: Path) -> Table:
    """The train part, and the val pictures with the synsets of a list."""
    train = parts_of(place)["train"]
    table = read_folder(train, SUFFIXES)
    file, known = answers(place, val)
    pictures = list(walk(str(val), SUFFIXES, Counter()))
    stems = [os.path.splitext(os.path.basename(p))[0] for p in pictures]
    if lost := next((p for p, stem in zip(pictures, stems, strict=True) if stem not in known), None):
        raise DataError(f"{lost}: {file} has no row for it; remove the picture or mend the list")
    rows = [(p, known[s]) for p, s in zip(pictures, stems, strict=True) if known[s] in table.classes]
    said = [f"{val.name}: {len(rows):,} pictures with the synsets that {file.name} gives them"]
    if other := len(pictures) - len(rows):
        said.append(f"{val.name}: {other:,} pictures left out whose synset {train.name} lacks")
    if "test" in parts_of(place):
        said.append("test: left out, nothing says what its pictures show")
    ids = [f"{train.name}/{i}" for i in table.ids] + [os.path.relpath(p, place).replace(os.sep, "/") for p, _ in rows]
    place_of = {c: k for k, c in enumerate(table.classes)}
    return replace(
        table,
        items=np.concatenate([table.items, strings(p for p, _ in rows)]),
        ids=strings(ids),
        target=np.concatenate([table.target, np.array([place_of[s] for _, s in rows], dtype=np.int64)]),
        split=strings(["train"] * len(table) + ["val"] * len(rows)),
        said=(*table.said, *said),
    )


def answers(place: Path, val: Path) -> tuple[Path, dict[str, str]]:
    """The list that says what val shows, and the synset of each picture by its name without suffix."""
    file = next((f for folder in [val, *upwards(place)] for n in ANSWERS if (f := folder / n).is_file()), None)
    if file is None:
        raise DataError(
            f"{val}: its pictures lie in no folder of a synset; put {' or '.join(ANSWERS)} beside it, "
            "or each picture into the folder of its synset"
        )
    found = {}
    with open(file, encoding="utf-8-sig", newline="") as lines:
        for row, cells in enumerate(csv.reader(lines, delimiter="\t" if file.suffix == ".txt" else ","), start=1):
            synset = SYNSET.match(cells[1]) if len(cells) > 1 else None
            if synset:
                found[os.path.splitext(cells[0])[0]] = synset[0]
            elif cells and row > 1:
                raise DataError(f"{file}: row {row} is {','.join(cells)[:60]!r}, no picture and its synset; mend it")
    return file, found


def named(table: Table, place: Path) -> Table:
    """The same table with words for its synsets; two synsets of one word keep their numbers in brackets."""
    file = next((f for folder in upwards(place) for n in WORDS if (f := folder / n).is_file()), None)
    if file is None:
        said = f"classes are synsets; {WORDS[0]} or {WORDS[1]} beside them would give their words"
        return replace(table, said=(*table.said, said))
    words = read_words(file)
    lacking = [c for c in table.classes if c not in words]
    plain = [words.get(c, c) for c in table.classes]
    every = Counter(words.values())
    classes = [w if every[w] < 2 or w == c else f"{w} ({c})" for w, c in zip(plain, table.classes, strict=True)]
    said = [f"classes by their first words in {file.name}, in the order of the synsets"]
    if lacking:
        said.append(f"{file.name} has no words for {len(lacking)} synsets, the first {lacking[0]}")
    return replace(table, classes=tuple(classes), said=(*table.said, *said))


def upwards(place: Path) -> list[Path]:
    """The folder, and those above it where its words and answers may lie."""
    place = place.absolute()
    return [place, *place.parents][:ABOVE]


def read_words(file: Path) -> dict[str, str]:
    """The first words of each synset: `n01440764 tench, Tinca tinca` a line, or the JSON of Keras.

    Raises DataError naming the row that is neither.
    """
    try:
        text = file.read_text("utf-8-sig")
        if file.suffix == ".json":
            return {synset: word.replace("_", " ") for synset, word in json.loads(text).values()}
    except (ValueError, AttributeError, TypeError) as error:
        raise DataError(f"{file}: no synsets and their words ({error}); fetch it anew") from None
    found = {}
    for row, line in enumerate(text.splitlines(), start=1):
        synset, _, words = line.strip().replace("\t", " ").partition(" ")
        if not SYNSET.fullmatch(synset) or not words.strip():
            raise DataError(f"{file}: row {row} is {line[:60]!r}, no synset and its words; mend it")
        found[synset] = words.split(",")[0].strip()
    return found
