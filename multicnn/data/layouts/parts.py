"""The names that people give to the parts of a data set."""

SPELLINGS = {
    "train": ("train", "training", "trn", "обучение", "обучающая", "тренировочная"),
    "val": ("val", "valid", "validation", "dev", "devel", "development", "валидация", "валидационная"),
    "test": ("test", "testing", "tst", "тест", "тестовая"),
}
PART_OF = {spelling: part for part, spellings in SPELLINGS.items() for spelling in spellings}


def part_of(name: str) -> str | None:
    """`train`, `val` or `test` for any usual spelling in any case; None for another word."""
    return PART_OF.get(name.strip().casefold())
