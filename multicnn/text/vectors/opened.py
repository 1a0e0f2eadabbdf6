"""Which layout a file of vectors has, told by its content and not by its name."""

import gzip
import re
import shutil
import zlib
from pathlib import Path
from typing import Any

from multicnn.data.cache import unwritable
from multicnn.errors import DataError
from multicnn.text.vectors import fasttext
from multicnn.text.vectors.kept import kept
from multicnn.text.vectors.lines import Header, open_lines, usual_dim
from multicnn.text.vectors.navec import open_navec
from multicnn.text.vectors.numbers import are_numbers
from multicnn.text.vectors.word2vec import open_binary
from multicnn.text.vectors.words import WordVectors

HEAD = 1 << 20  # bytes that are looked at
HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*(\d{1,12})[ \t]+(\d{1,6})[ \t]*\r?\n")
ZIPPED = b"\x1f\x8b"
LEAST = 2  # numbers of a vector without a header; words with one number are scores or counts
MARK = b"\xef\xbb\xbf"
PACKED = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"\x28\xb5\x2f\xfd": "zstd"}
KNOWN = "word2vec (text or binary), GloVe, fastText (.vec, .bin) and navec (.tar) are read"


def open_vectors(path: Path | str) -> WordVectors:
    """The vectors of a file. Raises DataError for one that is absent, or in no layout that is read."""
    path = Path(path).expanduser()
    if path.is_dir():
        raise DataError(f"{path}: a folder; name the file of word vectors in it")
    head = read_head(path)
    if head[:2] != ZIPPED:
        return by_content(path, head)
    plain = unzipped(path)
    try:
        return by_content(plain, read_head(plain))
    except DataError as error:
        raise DataError(str(error).replace(str(plain), str(path))) from error


def read_head(path: Path) -> bytes:
    """The first bytes. Raises DataError for a file that cannot be read or is empty."""
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise DataError(f"{path}: word vectors cannot be read ({error.strerror}); check the name") from None
    if not head.strip():
        raise DataError(f"{path}: the file of word vectors is empty; fetch it again")
    return head


def by_content(path: Path, head: bytes) -> WordVectors:
    """The vectors in the layout that the first bytes show."""
    if int.from_bytes(head[:4], "little", signed=True) == fasttext.MAGIC:
        return fasttext.open_fasttext(path)
    if head[257:262] == b"ustar":
        return open_navec(path)
    refuse_others(path, head)
    header = HEADER.match(head)
    if header is None:
        if fasttext.is_unversioned(head):
            return fasttext.open_fasttext(path)
        return without_header(path, head)
    count, dim = int(header[1]), int(header[2])
    if not count or not dim:
        raise DataError(f"{path}: its header promises {count} words of {dim} numbers, which is nothing; fetch it again")
    if is_text(head[header.end() :], dim):
        return open_lines(path, Header(header.end(), 2, dim, count))
    return open_binary(path)


def without_header(path: Path, head: bytes) -> WordVectors:
    """GloVe's text. Raises DataError for a file of another kind."""
    dim = usual_dim(head)
    if dim < LEAST or b"\0" in head:
        raise DataError(f"{path}: not a file of word vectors that is known; {KNOWN}")
    begin = len(MARK) if head.startswith(MARK) else 0
    return open_lines(path, Header(begin, 1, dim, None))


def is_text(behind: bytes, dim: int) -> bool:
    """Whether the first word behind a header is followed by numbers as text, of whatever number."""
    pieces = behind[: behind.find(b"\n") if b"\n" in behind else len(behind)].split()
    return len(pieces) > 1 and are_numbers(pieces[-min(dim, len(pieces) - 1) :])


def refuse_others(path: Path, head: bytes) -> None:
    """Raises DataError, saying what to do, for archives and for what gensim pickles."""
    for start, name in PACKED.items():
        if head.startswith(start):
            raise DataError(f"{path}: packed by {name}; unpack it and name the file of word vectors in it")
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise DataError(
            f"{path}: a pickle, as gensim's save writes it, and unpickling runs whatever it holds; where you trust it, "
            "write its vectors by gensim's save_word2vec_format(NAME, binary=True)"
        )


def unzipped(path: Path) -> Path:
    """The content of a gzip file, in the cache. Raises DataError where it is damaged."""

    def build(folder: Path) -> dict[str, Any]:
        try:
            with gzip.open(path) as packed, open(folder / path.stem, "wb") as out:
                shutil.copyfileobj(packed, out, HEAD)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise DataError(f"{path}: cut short or damaged; fetch the file again") from None
        except OSError as error:
            raise unwritable(folder, error) from error
        return {}

    folder, _ = kept(path, "unzipped", build)
    return folder / path.stem
