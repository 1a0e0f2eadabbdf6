# ruff: noqa: RUF001  Cyrillic letters look like Latin ones
"""Files of vectors as they are met: odd bytes, odd words, damage; each is read, counted, or refused in a sentence."""

import gzip
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from gensim.test.utils import datapath

from multicnn.data import cache
from multicnn.errors import DataError
from multicnn.text.vectors import open_vectors


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def binary(*words: bytes, dim: int = 3, promised: int | None = None, between: bytes = b"\n") -> bytes:
    rows = [w + b" " + struct.pack(f"<{dim}f", *range(n, n + dim)) for n, w in enumerate(words)]
    return b"%d %d\n" % (promised or len(words), dim) + between.join(rows)


def vector(path: Path, word: str) -> list[float]:
    found, there = open_vectors(path).find([word])
    assert there.all()
    return found[0].tolist()


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n", " \r\n"])
@pytest.mark.parametrize("header", ["", "3 2", "\ufeff3 2", "3\t2"])
def test_line_ends_trailing_spaces_and_marks_are_no_words(end: str, header: str, tmp_path: Path):
    lines = [*([header] if header else []), "a 1 -2", "é 3e-1 4", "c .5 6"]
    path = write(tmp_path / "v", end.join([*lines, ""]))
    assert "3 words x 2" in open_vectors(path).said[0]
    np.testing.assert_allclose(vector(path, "a") + vector(path, "é") + vector(path, "c"), [1, -2, 0.3, 4, 0.5, 6])


def test_a_mark_before_glove_is_no_part_of_the_first_word(tmp_path: Path):
    assert vector(write(tmp_path / "v", "\ufeffa 1 2\nb 3 4"), "a") == [1, 2]


def test_words_may_hold_spaces_and_numbers_tabs(tmp_path: Path):
    path = write(tmp_path / "v", "the 1 2 3\nat name@domain.com 4 5 6\n. . . 7 8 9\ntab\t10\t11\t12\nlast  13 14  15\n")
    found, there = open_vectors(path).find(["the", "at name@domain.com", ". . .", "tab", "last"])
    assert there.all()
    np.testing.assert_array_equal(found, np.arange(1, 16).reshape(5, 3))


def test_the_first_of_two_alike_counts_and_they_are_counted(tmp_path: Path):
    path = write(tmp_path / "v", "a 1 2\nb 3 4\na 5 6\n")
    assert vector(path, "a") == [1, 2]
    assert "1 words are listed twice, the first vector counts" in open_vectors(path).said
    double = write(tmp_path / "w", binary(b"a", b"b", b"a"))
    assert vector(double, "a") == [0, 1, 2]


def test_words_in_latin_1_and_in_cp1251_are_found_by_their_letters(tmp_path: Path):
    latin = write(tmp_path / "latin", "".join(f"{w} 1 2\n" for w in ("café", "naïve", "the")).encode("latin-1"))
    assert vector(latin, "naïve") == [1, 2]
    assert any("2 words are not UTF-8 and read as cp1252" in line for line in open_vectors(latin).said)
    words = ("хорошо", "плохо", "фильм", "дом", "время")
    cyrillic = write(tmp_path / "cyrillic", binary(*(w.encode("cp1251") for w in words)))
    assert vector(cyrillic, "фильм") == [2, 3, 4]


def test_few_damaged_words_among_many_are_left_out_and_counted(tmp_path: Path):
    words = [*(f"слово{n}".encode() for n in range(50)), "хорошо".encode()[:-1]]
    vectors = open_vectors(write(tmp_path / "v", binary(*words)))
    assert any(line.startswith("1 words are not UTF-8 and damaged, and left out") for line in vectors.said)
    assert vectors.has(["слово1", "хорош"]).tolist() == [True, False]


def test_lines_of_another_number_of_values_are_left_out_and_counted(tmp_path: Path):
    path = write(tmp_path / "v", "a 1 2\nb 3\n\nc 4 5\nd 6 7 8 x\ne 7 8\nf 1 2 3 4\n")
    vectors = open_vectors(path)
    assert "3 lines are left out: line 2 holds 1 numbers where 2 are expected" in vectors.said
    assert vectors.has(["a", "b", "c", "d", "e", "f"]).tolist() == [True, False, True, False, True, False]


def test_a_header_that_promises_more_is_told(tmp_path: Path):
    said = open_vectors(write(tmp_path / "v", "9 2\na 1 2\nb 3 4\n")).said
    assert "the header promises 9 words, the file ends after 2: it may be cut short" in said


def test_a_binary_file_may_do_without_line_ends(tmp_path: Path):
    assert vector(write(tmp_path / "v", binary(b"a", b"b", between=b"")), "b") == [1, 2, 3]


BAD = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "prose": (b"To be or not to be\nthat is the question\n", "not a file of word vectors"),
    "scores": (b"word score\ntiger 7.35\nbook 1.2\n", "not a file of word vectors"),
    "noise": (bytes(range(256)) * 4, "not a file of word vectors"),
    "nothing": (b"0 100\n", "promises 0 words of 100 numbers"),
    "other header": (b"2 3\na 1 2\nb 3 4\n", r"line 2 holds 2 numbers where 3 are expected"),
    "longer than header": (b"2 1\na 1 2\nb 3 4\n", r"line 2 holds 2 numbers where 1 are expected"),
    "cut binary": (binary(b"a", b"b", promised=9), r"cut short or damaged at word 3 of 9 \(byte 33\)"),
    "zip": (b"PK\x03\x04" + b"\0" * 40, "packed by zip; unpack it"),
    "xz": (b"\xfd7zXZ\0" + b"\0" * 40, "packed by xz; unpack it"),
    "cut gzip": (gzip.compress(b"a 1 2\n" * 99)[:-9], "cut short or damaged"),
    "gzip of prose": (gzip.compress(b"not vectors at all\n"), "not a file of word vectors"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_refused_in_a_sentence(name: str, tmp_path: Path):
    content, message = BAD[name]
    path = write(tmp_path / "file.vec", content)
    with pytest.raises(DataError, match=message) as caught:
        open_vectors(path)
    assert str(caught.value).startswith(str(path))
    assert not any("partial" in p.name for p in cache.folder().rglob("*"))


def test_files_that_are_not_there_are_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"none.vec: word vectors cannot be read \(No such file"):
        open_vectors(tmp_path / "none.vec")
    with pytest.raises(DataError, match="a folder; name the file"):
        open_vectors(tmp_path)


@pytest.mark.parametrize("name", ["ft_model_2.3.0", "word2vec_old", "ft_kv_3.6.0.model.gz"])
def test_gensims_own_files_are_never_unpickled(name: str):
    with pytest.raises(DataError, match=rf"{re.escape(name)}: a pickle, .* save_word2vec_format"):
        open_vectors(datapath(name))


def test_a_damaged_number_is_named_by_its_line(tmp_path: Path):
    vectors = open_vectors(write(tmp_path / "v", "a 1 2\nb 3,5 4\nc 5 6\n"))
    assert vectors.find(["a", "c"])[0].tolist() == [[1, 2], [5, 6]]
    with pytest.raises(DataError, match="line 2 does not hold 2 numbers"):
        vectors.find(["a", "b"])


@pytest.mark.parametrize(
    "content", [b"a 1 2\nb nan 4\n", b"2 2\na 1 2\nb 3 inf\n", binary(b"a", b"b", dim=2)[:-1] + b"\x7f"]
)
def test_numbers_that_are_none_are_refused_by_their_word(content: bytes, tmp_path: Path):
    if content.startswith(b"2 2\na \0"):
        content = content[:-2] + b"\x80\x7f"
    with pytest.raises(DataError, match="the vector of 'b' is not finite, nor 0 others"):
        open_vectors(write(tmp_path / "v", content)).find(["a", "b"])


def test_mutated_files_end_in_vectors_or_in_a_sentence(tmp_path: Path):
    """Bytes flipped, cut and doubled at random places of real files: a DataError or vectors, never anything else."""
    rng = np.random.default_rng(0)
    names = ("toy-model.vec", "test_glove.txt", "high_precision.kv.bin", "toy-model.bin", "crime-and-punishment.vec")
    refused = 0
    for turn in range(60):
        data = bytearray(Path(datapath(names[turn % len(names)])).read_bytes())
        place = int(rng.integers(len(data)))
        if turn % 3 == 0:
            data[place] ^= 1 << int(rng.integers(8))
        elif turn % 3 == 1:
            del data[place:]
        else:
            data[place:place] = data[place : place + 50]
        try:
            open_vectors(write(tmp_path / f"{turn}", bytes(data))).find(["the", "of", "human", "system", "и"])
        except DataError:
            refused += 1
    assert 0 < refused < 60
