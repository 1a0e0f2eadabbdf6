"""Which layout a file of vectors has, told by its content and not by its name."""

from pathlib import Path

from multicnn.errors import DataError
from multicnn.text.vectors.word2vec import open_binary
from multicnn.text.vectors.words import WordVectors


def open_vectors(path: Path | str) -> WordVectors:
    """The vectors of a file. Raises DataError for one that is absent, or in no layout that is read."""
    path = Path(path).expanduser()
    if not path.is_file():
        raise DataError(f"{path}: no such file of word vectors; check its name")
    return open_binary(path)
