"""What a tagger is given by a file that is cut into words already, as those it was trained on are."""

from pathlib import Path

from multicnn.errors import DataError
from multicnn.text.datasets.entities import open_entities
from multicnn.text.datasets.entities.layouts import kind_of

CUT = ("docbin", "conllu", "conll", "wikiner", "peoples-daily")  # layouts whose files are no prose
SUFFIXES = frozenset({".txt", ".conll", ".conllu", ".iob", ".spacy"})


def expand(path: Path) -> list[tuple[str, str]] | None:
    """The texts of such a file, words with a space between, by their names; None for a file that is a text or a table.

    Its own tags are not read as words. Raises DataError for a file of such a layout that is damaged.
    """
    if not cut_into_words(path):
        return None
    table = open_entities(path)
    return list(zip(map(str, table.ids), map(str, table.items), strict=True))


def cut_into_words(path: Path) -> bool:
    """Whether a file is in such a layout; what cannot be read is in none, and says why as a text."""
    try:
        return path.is_file() and kind_of(path) in CUT
    except (DataError, OSError):
        return False
