"""All layouts against gensim's readers, on the real small files that gensim ships, and on a cut of GloVe."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from multicnn.data import cache
from multicnn.text.vectors import open_vectors

WORD2VEC = [
    ("toy-model.vec", False),
    ("lee_fasttext.vec", False),
    ("crime-and-punishment.vec", False),
    ("word2vec_pre_kv_c", False),
    ("high_precision.kv.txt", False),
    ("high_precision.kv.bin", True),
    ("euclidean_vectors.bin", True),
    ("poincare_vectors.bin", True),
]
FASTTEXT = [
    "lee_fasttext.bin",
    "lee_fasttext_new.bin",
    "crime-and-punishment.bin",
    "toy-model.bin",
    "toy-model-pretrained.bin",
    "non_ascii_fasttext.bin",
]
UNSEEN = ["unseenword", "Ёлочный", "kéks", "zz", "日本語のテキスト", "x"]


def real(name: str) -> Path:
    return Path(datapath(name))


def equal(vectors, reference, words: list[str]) -> None:
    found, there = vectors.find(words)
    assert there.all()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.stack([reference[w] for w in words]), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "binary"), WORD2VEC)
def test_word2vec_files_hold_what_gensim_reads(name: str, binary: bool):
    reference = KeyedVectors.load_word2vec_format(str(real(name)), binary=binary)
    vectors = open_vectors(real(name))
    assert vectors.dim == reference.vector_size
    assert f"{len(reference):,} words" in vectors.said[0]
    assert vectors.has([*reference.key_to_index, "no such word"]).tolist() == [True] * len(reference) + [False]
    equal(vectors, reference, list(reference.key_to_index))


def test_glove_has_no_header():
    lines = [line.split(" ") for line in real("test_glove.txt").read_text().splitlines()]
    vectors = open_vectors(real("test_glove.txt"))
    assert vectors.said == ("GloVe text, 76 words x 50",)
    equal(
        vectors, {word: np.array(numbers, dtype=np.float32) for word, *numbers in lines}, [word for word, *_ in lines]
    )


@pytest.mark.parametrize("name", FASTTEXT)
def test_fasttext_has_vectors_of_seen_and_of_unseen_words(name: str):
    reference = load_facebook_vectors(str(real(name)))
    vectors = open_vectors(real(name))
    assert not vectors.has(UNSEEN).any()
    equal(vectors, reference, [*reference.key_to_index, *UNSEEN])


def test_a_cut_of_glove_holds_what_gensim_reads(shared_data: Callable[[str], Path]):
    path = shared_data("vectors") / "glove-6b-100d-50k.bin"
    reference = KeyedVectors.load_word2vec_format(str(path), binary=True)
    equal(open_vectors(path), reference, reference.index_to_key[::100])


@pytest.mark.parametrize("name", ["lee_fasttext.vec", "test_glove.txt", "euclidean_vectors.bin", "lee_fasttext.bin"])
def test_a_zipped_file_is_read_as_the_plain_one(name: str, tmp_path: Path):
    packed = tmp_path / "odd name.txt.gz"
    packed.write_bytes(gzip.compress(real(name).read_bytes()))
    plain, zipped = open_vectors(real(name)), open_vectors(packed)
    assert zipped.said == plain.said
    words = [*UNSEEN, "the", "of", "king.n.01", "kangaroo.n.01"]
    for ours, theirs in zip(zipped.find(words), plain.find(words), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_second_opening_reads_the_index_and_a_changed_file_is_read_anew(tmp_path: Path):
    path = tmp_path / "v.txt"
    path.write_text("a 1 2\nb 3 4\n")
    open_vectors(path)
    assert len(cache.entries()) == 1
    np.testing.assert_array_equal(open_vectors(path).find(["b", "c"])[0], [[3, 4], [0, 0]])
    assert len(cache.entries()) == 1
    path.write_text("a 1 2\nc 5 6\nd 7 8\n")
    np.testing.assert_array_equal(open_vectors(path).find(["b", "c"])[0], [[0, 0], [5, 6]])


def test_many_rows_are_kept_as_numbers(tmp_path: Path):
    path = tmp_path / "v.txt"
    numbers = np.random.default_rng(0).normal(size=(3000, 3)).round(3).astype(np.float32)
    path.write_text("".join(f"w{n} " + " ".join(map(str, row)) + "\n" for n, row in enumerate(numbers)))
    words = [f"w{n}" for n in range(3000)][::-1]
    for _ in range(2):
        np.testing.assert_array_equal(open_vectors(path).find(words)[0], numbers[::-1])
    assert len(cache.entries()) == 2
