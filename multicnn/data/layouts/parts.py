"""The names that people give to the parts of a data set."""

import re

SPELLINGS = {
    "train": ("train", "training", "trn", "обучение", "обучающая", "тренировочная"),
    "val": ("val", "valid", "validation", "dev", "devel", "development", "валидация", "валидационная"),
    "test": ("test", "testing", "tst", "тест", "тестовая"),
}
PART_OF = {spelling: part for part, spellings in SPELLINGS.items() for spelling in spellings}


def part_of(name: str) -> str | None:
    """`train`, `val` or `test` for any usual spelling in any case; None for another word."""
    return PART_OF.get(name.strip().casefold())


def part_in(name: str) -> str | None:
    """The one part that a word of a file's name stands for, as in `ag-train`, `test_v2`, `stsa.fine.dev`; else None."""
    found = {part for word in re.split(r"[\W\d_]+", name) if word and (part := part_of(word))}
    return found.pop() if len(found) == 1 else None
