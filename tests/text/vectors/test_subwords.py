"""fastText's hash against gensim's compiled one, and its files that hold no vectors of words."""

import struct
from pathlib import Path

import pytest
from gensim.models.fasttext import ft_ngram_hashes
from gensim.models.fasttext_inner import ft_hash_bytes
from gensim.test.utils import datapath
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.errors import DataError
from multicnn.text.vectors import open_vectors
from multicnn.text.vectors.ngrams import buckets


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.integers(1, 5), st.integers(0, 4), st.integers(1, 10**6))
def test_buckets_are_gensims(word: str, shortest: int, more: int, count: int):
    expected = ft_ngram_hashes(word, shortest, shortest + more, count)
    assert sorted(buckets(word.encode(), shortest, shortest + more, count)) == sorted(expected)


def test_a_piece_is_hashed_as_signed_bytes():
    assert buckets("ё".encode(), 3, 3, 2**32) == [ft_hash_bytes("<ё>".encode())]


def changed(tmp_path: Path, place: int, content: bytes) -> Path:
    data = bytearray(Path(datapath("crime-and-punishment.bin")).read_bytes())
    data[place : place + len(content)] = content
    path = tmp_path / "model.bin"
    path.write_bytes(data)
    return path


def test_a_model_that_classifies_is_refused(tmp_path: Path):
    for name in (datapath("pang_lee_polarity_fasttext.bin"), changed(tmp_path, 8 + 7 * 4, struct.pack("<i", 3))):
        with pytest.raises(DataError, match=r"a fastText model that classifies, .* give a .bin of cbow or skipgram"):
            open_vectors(name)


def test_a_model_with_labels_is_refused(tmp_path: Path):
    place = 8 + 12 * 4 + 8 + 2 * 4
    with pytest.raises(DataError, match="a fastText model that classifies"):
        open_vectors(changed(tmp_path, place, struct.pack("<i", 2)))


def test_a_quantised_model_is_refused(tmp_path: Path):
    data = Path(datapath("crime-and-punishment.bin")).read_bytes()
    place = data.index(struct.pack("<?2q", False, 291 + 100, 5))
    with pytest.raises(DataError, match="a quantised fastText model"):
        open_vectors(changed(tmp_path, place, b"\1"))


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.5])
def test_a_file_that_is_cut_short_is_refused(share: float, tmp_path: Path):
    data = Path(datapath("crime-and-punishment.bin")).read_bytes()
    path = tmp_path / "model.bin"
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(DataError, match=r"model.bin: this fastText file is cut short; fetch it again"):
        open_vectors(path)


def test_a_word_without_sub_words_has_no_vector():
    found, there = open_vectors(datapath("crime-and-punishment.bin")).find(["", "of"])
    assert not found[0].any()
    assert there.tolist() == [False, True]
