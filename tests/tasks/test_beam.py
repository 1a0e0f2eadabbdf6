"""The search against all paths there are, with and without words and n-grams, and against another decoder."""

from itertools import groupby, product
from pathlib import Path

import numpy as np
import pytest

from multicnn.errors import DataError, UsageError
from multicnn.tasks.arpa import Arpa, read_arpa
from multicnn.tasks.beam import Beam
from multicnn.tasks.scorer import Scorer, Words, scorer

TEXTS = ["a", "b", " "]
ARPA = """
\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
-1.0\t<s>\t-0.5
-0.7\t</s>
-0.4\ta\t-0.3
-0.6\tab\t-0.2
-1.5\t<unk>

\\2-grams:
-0.2\t<s> a
-0.9\ta ab
-0.1\tab </s>

\\end\\
"""


def random_chances(seed: int, k: int, t: int) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(k, t)) * 1.5
    return values - np.log(np.exp(values).sum(axis=0))


def all_texts(chances: np.ndarray) -> dict[tuple[int, ...], float]:
    """The probability of every text, summed over every path."""
    k, t = chances.shape
    found: dict[tuple[int, ...], float] = {}
    for path in product(range(k), repeat=t):
        text = tuple(u for u, _ in groupby(path) if u != k - 1)
        found[text] = found.get(text, 0.0) + float(np.exp(chances[path, range(t)].sum()))
    return found


@pytest.fixture
def arpa(tmp_path: Path) -> Path:
    path = tmp_path / "lm.arpa"
    path.write_text(ARPA)
    return path


@pytest.mark.parametrize("seed", range(10))
def test_a_wide_beam_finds_every_text_with_its_probability(seed: int) -> None:
    chances = random_chances(seed, 3, 5)
    found = Beam(["a", "b"], 10_000, least=-np.inf).ranked(chances)
    truth = all_texts(chances)
    assert {tuple(text) for text, _ in found} == truth.keys()
    for text, score in found:
        assert np.exp(score) == pytest.approx(truth[tuple(text)], rel=1e-9)
    assert tuple(found[0][0]) == max(truth, key=lambda text: truth[text])


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("listed", [True, False])
def test_words_and_grams_rank_as_the_formula_says(seed: int, listed: bool, arpa: Path) -> None:
    chances = random_chances(seed, 4, 5)
    words = Words(["a", "ab"]) if listed else None
    grams = read_arpa(arpa, small=True)
    found = Beam(TEXTS, 10_000, Scorer(words, grams, alpha=0.8, beta=0.6), least=-np.inf).ranked(chances)

    def score(text: tuple[int, ...], chance: float) -> float:
        said = "".join(TEXTS[u] for u in text).split()
        total = np.log(chance) + 0.6 * len(said)
        before: tuple[str, ...] = ()
        for word in said:
            if listed and word not in ("a", "ab"):
                return -np.inf
            total += 0.8 * grams.word(before, word)
            before = (word,)
        return total + 0.8 * grams.end(before)

    truth = {text: score(text, chance) for text, chance in all_texts(chances).items()}
    truth = {text: value for text, value in truth.items() if value > -np.inf}
    assert {tuple(text): value for text, value in found} == pytest.approx(truth, rel=1e-9)
    assert tuple(found[0][0]) == max(truth, key=lambda text: truth[text])


@pytest.mark.parametrize("seed", range(10))
def test_a_narrow_beam_is_another_decoder_s(seed: int) -> None:
    theirs = pytest.importorskip("fast_ctc_decode", reason="fast-ctc-decode is not installed")
    chances = random_chances(seed, 5, 40) * 2
    chances = chances - np.log(np.exp(chances).sum(axis=0))
    blank_first = np.exp(chances[[4, 0, 1, 2, 3]]).T.astype(np.float32)
    said, _ = theirs.beam_search(np.ascontiguousarray(blank_first), "Nabcd", beam_size=64, beam_cut_threshold=0.0)
    found = Beam(["a", "b", "c", "d"], 64, least=-np.inf)(chances)
    assert "".join("abcd"[u] for u in found) == said


def test_a_beam_finds_what_no_single_path_says() -> None:
    chances = np.log(np.array([[0.4, 0.4], [0.6, 0.6]]))  # Hannun 2014: blank is likelier at each step, not in all
    assert Beam(["a"], 4)(chances) == [0]


def test_units_of_several_letters_close_words() -> None:
    rules = Scorer(Words(["to", "tom"]), None, alpha=1.0, beta=0.0)
    chances = np.log(np.array([[0.9, 0.1, 0.1], [0.05, 0.6, 0.1], [0.03, 0.2, 0.2], [0.02, 0.1, 0.6]]))
    assert Beam([" to", "x", "m"], 8, rules)(chances)[0] == 0
    assert Beam([" to", "x", "m"], 8, rules)(np.log(np.array([[0.1, 0.1], [0.8, 0.1], [0.05, 0.3], [0.05, 0.5]]))) == [
        0
    ]


def test_an_unfinished_word_is_left_where_nothing_else_is() -> None:
    rules = Scorer(Words(["ab"]), None, alpha=1.0, beta=0.0)
    assert Beam(["a", "b"], 1, rules)(np.log(np.array([[0.98], [0.01], [0.01]]))) == [0]


def test_back_off_is_the_sum_of_logarithms(arpa: Path) -> None:
    grams = read_arpa(arpa, small=True)
    ten = np.log(10)
    assert grams.word((), "a") == pytest.approx(ten * -0.2)  # <s> a
    assert grams.word(("a",), "ab") == pytest.approx(ten * -0.9)
    assert grams.word(("ab",), "a") == pytest.approx(ten * (-0.2 - 0.4))
    assert grams.word((), "ab") == pytest.approx(ten * (-0.5 - 0.6))
    assert grams.word(("a",), "never") == pytest.approx(ten * (-0.3 - 1.5))
    assert grams.word(("never",), "a") == pytest.approx(ten * -0.4)
    assert grams.end(("ab",)) == pytest.approx(ten * -0.1)


def test_longer_grams_come_first() -> None:
    grams = Arpa({("a",): (-1.0, -0.1), ("b",): (-2.0, -0.2), ("a", "b"): (-0.5, -0.3), ("a", "b", "a"): (-0.05, 0.0)})
    ten = np.log(10)
    assert grams.word(("a", "b"), "a") == pytest.approx(ten * -0.05)
    assert grams.word(("a", "b"), "b") == pytest.approx(ten * (-0.3 - 0.2 - 2.0))
    assert grams.end(("a",)) == 0


def test_files_of_words_are_read_in_small_letters(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("AB\t17\n\na\nnaïve\n")
    found = scorer(TEXTS, str(path), "", alpha=1.0, beta=0.0)
    assert found is not None
    assert found.words is not None
    assert found.words.whole == {"ab", "a"}
    assert scorer(TEXTS, "", "", alpha=1.0, beta=0.0) is None


def test_wrong_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("слово\n")
    with pytest.raises(DataError, match=r"words\.txt: none of its 1 words"):
        scorer(TEXTS, str(path), "", alpha=1.0, beta=0.0)
    with pytest.raises(UsageError, match=r"task\.words nowhere: no such file"):
        scorer(TEXTS, "nowhere", "", alpha=1.0, beta=0.0)
    with pytest.raises(UsageError, match=r"task\.arpa nowhere: no such file"):
        scorer(TEXTS, "", "nowhere", alpha=1.0, beta=0.0)
    with pytest.raises(DataError, match="no n-grams"):
        read_arpa(path, small=True)
    path.write_text("\\1-grams:\nhello you\n")
    with pytest.raises(DataError, match="line 2 is no 1-gram"):
        read_arpa(path, small=True)
    path.write_bytes(b"\\1-grams:\n-1 \xff\n")
    with pytest.raises(DataError, match="cannot be read as UTF-8"):
        read_arpa(path, small=True)


def test_packed_models_are_read(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "lm.arpa.gz"
    path.write_bytes(gzip.compress(ARPA.encode()))
    assert read_arpa(path, small=True).order == 2
