"""Vectors learnt from texts: what is read, written, repeated, told, refused; the command."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from multicnn import text
from multicnn.cli.main import run
from multicnn.errors import DataError, UsageError
from multicnn.text import MODALITY
from multicnn.text.corpus import read_corpus
from multicnn.text.vectors import open_vectors
from multicnn.text.vectors.judged import judge_analogies, judge_similarity, pairs
from multicnn.text.vectors.learnt import Learning, Learnt, learn

KIND = MODALITY.kind(None)
FEW = {"dim": 8, "epochs": 2}


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """The 300 news texts that gensim ships, a text a line."""
    path = tmp_path / "news.txt"
    path.write_bytes(Path(datapath("lee_background.cor")).read_bytes())
    return path


@pytest.mark.parametrize(("name", "method"), [("a.bin", "word2vec"), ("a.vec", "word2vec"), ("b.txt", "fasttext")])
def test_what_is_written_gensim_and_train_read(name: str, method: str, lines: Path, tmp_path: Path):
    found = text.embed(lines, out=tmp_path / "v" / name, method=method, **FEW)
    vectors = open_vectors(found.path)
    reference = KeyedVectors.load_word2vec_format(str(found.path), binary=name.endswith("bin"))
    assert len(reference) == found.facts["words"]
    np.testing.assert_array_equal(vectors.find(reference.index_to_key)[0], reference.vectors)
    assert [p.name for p in found.path.parent.iterdir()] == [name]


def test_fasttext_writes_its_own_layout_with_sub_words(lines: Path, tmp_path: Path):
    learnt = learn(read_corpus(KIND, str(lines)).texts, Learning(method="fasttext", dim=8, epochs=1, buckets=500))
    learnt.write(tmp_path / "v.bin")
    vectors, words = open_vectors(tmp_path / "v.bin"), ["australia", "unheardofness"]
    assert vectors.said[1] == "500 buckets of sub-words"
    np.testing.assert_allclose(vectors.find(words)[0], [learnt.model.wv[w] for w in words], atol=1e-6)


def test_the_vectors_serve_a_classifier(tmp_path: Path):
    found = text.embed("reviews", out=tmp_path / "v.bin", epochs=1, dim=16)
    trained = text.train("reviews", vectors=found.path, epochs=1, limit=300, out=tmp_path / "run", device="cpu")
    assert json.loads((trained.path / "model.json").read_text())["preprocessing"]["vectors"]["dim"] == 16


def test_one_worker_repeats_the_vectors_in_another_process(lines: Path, tmp_path: Path):
    script = f"from multicnn import text; text.embed({str(lines)!r}, out='v.bin', dim=8, epochs=1, seed=3)"
    marks = set()
    for turn in ("1", "2"):
        (tmp_path / turn).mkdir()
        environment = os.environ | {"PYTHONHASHSEED": turn, "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path / turn, env=environment, check=True)
        marks.add(hashlib.sha256((tmp_path / turn / "v.bin").read_bytes()).hexdigest())
    assert len(marks) == 1
    text.embed(lines, out=tmp_path / "w.bin", dim=8, epochs=1, seed=4)
    assert hashlib.sha256((tmp_path / "w.bin").read_bytes()).hexdigest() not in marks


def test_words_are_learnt_that_occur_together(tmp_path: Path):
    rng = np.random.default_rng(0)
    groups = [[f"{name}{n}" for n in range(6)] for name in ("fruit", "tool")]
    path = tmp_path / "t.txt"
    path.write_text("\n".join(" ".join(rng.choice(groups[n % 2], 8)) for n in range(600)))
    found = text.embed(path, out=tmp_path / "v.bin", dim=8, epochs=20, words=["fruit1", "tool2", "none"], near=3)
    for word, near in found.facts["neighbours"].items():
        assert {other.rstrip("012345") for other, _ in near} == {word.rstrip("012345")}
    assert found.facts["without_vector"] == ["none"]


def test_the_official_test_part_is_left_out(tmp_path: Path):
    rows = [f"seen{n % 3} word,{'ab'[n % 2]},train" for n in range(12)] + ["hidden word,a,test", "hidden word,b,test"]
    (tmp_path / "t.csv").write_text("\n".join(["text,label,split", *rows]))
    corpus = read_corpus(KIND, str(tmp_path / "t.csv"))
    assert "hidden" not in corpus.counts()
    assert corpus.said.endswith("all texts but the 2 of its test part")


def test_folders_of_plain_texts_need_no_labels(tmp_path: Path):
    for name, content in (("a.txt", "One two\n\nthree"), ("b.txt", "Four"), ("c.md", "five")):
        (tmp_path / name).write_text(content)
    corpus = read_corpus(KIND, str(tmp_path))
    assert corpus.texts == [["one", "two"], ["three"], ["four"]]
    assert (corpus.empty, corpus.tokens) == (1, 4)
    assert read_corpus(KIND, str(tmp_path), keep_case=True).texts[0] == ["One", "two"]


@pytest.mark.parametrize("content", ["", "\n \n", "\0\1\2"])
def test_files_without_words_are_refused(content: str, tmp_path: Path):
    (tmp_path / "t.txt").write_text(content)
    with pytest.raises(DataError, match=r"t\.txt.*(hold no word|zero bytes)"):
        text.embed(tmp_path / "t.txt", out=tmp_path / "v.bin")


def test_texts_whose_words_are_all_rare_are_refused(tmp_path: Path):
    (tmp_path / "t.txt").write_text("every word once")
    with pytest.raises(DataError, match="fewer than two words occur 2 times; give more text, or a smaller --min-count"):
        text.embed(tmp_path / "t.txt", out=tmp_path / "v.bin")
    assert not (tmp_path / "v.bin").exists()


def test_a_file_is_replaced_only_where_that_is_asked_for(lines: Path, tmp_path: Path):
    (tmp_path / "v.bin").write_text("mine")
    with pytest.raises(UsageError, match=r"v\.bin: the file exists; add --overwrite"):
        text.embed(lines, out=tmp_path / "v.bin", **FEW)
    assert (tmp_path / "v.bin").read_text() == "mine"
    text.embed(lines, out=tmp_path / "v.bin", overwrite=True, **FEW)
    with pytest.raises(UsageError, match=r"name a file that ends in \.bin, \.vec, \.txt"):
        text.embed(lines, out=tmp_path / "v.npy")
    (tmp_path / "f.bin").mkdir()
    with pytest.raises(UsageError, match=r"f\.bin: a folder; name the file"):
        text.embed(lines, out=tmp_path / "f.bin")
    with pytest.raises(DataError, match=r"cannot write .*news\.txt/v\.bin"):
        text.embed(lines, out=lines / "v.bin", **FEW)


@pytest.mark.parametrize("name", ["dim", "window", "min_count", "epochs", "workers"])
def test_numbers_below_one_are_refused(name: str, lines: Path, tmp_path: Path):
    with pytest.raises(UsageError, match=f"{name} is 0; it must be at least 1"):
        text.embed(lines, out=tmp_path / "v.bin", **{name: 0})


def given(**vectors: tuple[float, ...]) -> Learnt:
    """Vectors that are known, in gensim's table."""
    table = KeyedVectors(2)
    table.add_vectors(list(vectors), np.array(list(vectors.values()), dtype=np.float32))
    return Learnt(type("Model", (), {"wv": table})())


def test_analogies_are_counted_by_hand(tmp_path: Path):
    """king - man + woman is queen; he - man + woman is not she."""
    learnt = given(man=(1, 0), woman=(0.8, 0.6), king=(0.6, -0.8), queen=(1, 0.05), he=(0, -1), she=(-1, 0))
    (tmp_path / "q.txt").write_text(": family\nman king woman queen\nman he woman she\nman king unknown queen\n")
    asked = judge_analogies(learnt, str(tmp_path / "q.txt"))
    assert (asked["right"], asked["known"], asked["asked"], asked["share"]) == (1, 2, 3, 0.5)


def test_similarity_is_the_rank_correlation(tmp_path: Path):
    learnt = given(a=(1, 0), b=(1, 0.1), c=(1, 1), d=(-1, 0))
    for lines_ in ("a\tb\t9\na\tc\t5\na\td\t1\nx\ty\t3", "# note\nword1,word2,score\nA,b,9\na,c,5\na,d,1\nx,y,3"):
        (tmp_path / "s").write_text(lines_)
        asked = judge_similarity(learnt, str(tmp_path / "s"))
        assert (asked["spearman"], asked["known"], asked["asked"]) == (1.0, 3, 4)
    (tmp_path / "s").write_text("a b 1\na c 5\na d 9")
    assert judge_similarity(learnt, str(tmp_path / "s"))["spearman"] == -1.0
    (tmp_path / "s").write_text("a b 1\n")
    assert judge_similarity(learnt, str(tmp_path / "s"))["spearman"] is None


def test_the_shipped_files_have_their_published_sizes():
    assert len(pairs(Path(datapath("wordsim353.tsv")))) == 353
    assert len(pairs(Path(datapath("simlex999.txt")))) == 999
    assert judge_analogies(given(a=(1, 0), b=(0, 1)), "gensim")["asked"] == 19_544


def test_files_of_questions_that_are_none_are_refused(tmp_path: Path):
    (tmp_path / "q").write_text("to be or not to be\n")
    with pytest.raises(DataError, match="no analogies; write `: heading`"):
        judge_analogies(given(a=(1, 0)), str(tmp_path / "q"))
    with pytest.raises(DataError, match="no pairs of words; write `word word score`"):
        judge_similarity(given(a=(1, 0)), str(tmp_path / "q"))
    with pytest.raises(DataError, match="no such file; check its name"):
        judge_similarity(given(a=(1, 0)), str(tmp_path / "none"))


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(["text", "embed", *map(str, arguments)], debug=False)
        return code, *capfd.readouterr()

    return call


def test_the_command_tells_a_person_and_a_program(command, lines: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = ("--dim", "8", "--epochs", "2", "--words", "australia,zzz", "--neighbours", "2")
    code, told, _ = command(lines, *few, "--analogies", "gensim", "--similarity", "wordsim353")
    assert code == 0
    assert (tmp_path / "vectors" / "news-word2vec.bin").is_file()
    for line in (
        r"note: .*news\.txt: 1 files without labels, a text a line",
        r"word2vec skipgram on 300 texts of [\d,]+ words: 8 numbers a word, 2 epochs",
        r"[\d,]+ of [\d,]+ words have vectors, \d+\.\d% of all words as they occur",
        r"  australia: \w+ \d\.\d\d, \w+ \d\.\d\d",
        r"  zzz: no vector",
        r"analogies: \d\.\d% of [\d,]+ right, whose words are known of 19,544",
        r"similarity: Spearman -?\d\.\d{3} over \d+ pairs, known of 353",
        r"next: multicnn text train DATA --vectors vectors/news-word2vec\.bin",
    ):
        assert re.search(f"^{line}", told, re.M), line
    code, out, _ = command(lines, *few, "--json", "-o", "w.vec", "--workers", "2", "--min-count", "3")
    found = json.loads(out)
    assert (code, found["path"], found["settings"]["workers"], found["settings"]["min_count"]) == (0, "w.vec", 2, 3)
    code, _, err = command(lines, *few, "-o", "w.vec")
    assert (code, err.splitlines()) == (
        2,
        ["multicnn: --out w.vec: the file exists; add --overwrite to replace it, or name another"],
    )
    code, _, err = command("nowhere")
    assert (code, len(err.splitlines())) == (3, 1)


def test_several_workers_are_warned_of(command, lines: Path, tmp_path: Path):
    _, _, err = command(lines, "--dim", "4", "--epochs", "1", "-o", tmp_path / "v.bin", "-j", "2", "-q")
    assert "warning: 2 workers race, the vectors differ each time" in err
