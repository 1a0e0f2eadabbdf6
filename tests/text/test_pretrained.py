"""The front-end of vectors from a file, against looking each word up by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from multicnn.data.table import Table, strings
from multicnn.errors import UsageError
from multicnn.text.frontend import Embedding, OneHot
from multicnn.text.pretrained import Vectors
from multicnn.text.reader import FIRST, UNKNOWN, WordReader, plan_reader
from multicnn.text.vectors import source
from multicnn.zoo.types import Typed

TEXTS = ("good film", "a bad film", "no film at all", "splendid")
FILE = {"good": (1, 2, 3), "bad": (-1, -2, -3), "film": (0, 1, 0), "Splendid": (4, 4, 4), "awful": (-4, -4, -4)}
MODES = ("static", "nonstatic", "multichannel")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = [f"{word} {' '.join(map(str, numbers))}\n" for word, numbers in FILE.items()]
    (tmp_path / "v.txt").write_text("".join(lines))
    return tmp_path / "v.txt"


@pytest.fixture
def reader(file: Path) -> WordReader:
    """Of the first three texts; it met the last one, whose word the file spells with a capital."""
    table = Table("t", strings(TEXTS), strings(range(4)), ("no", "yes"), np.arange(4) % 2)
    return plan_reader(table, np.arange(3), vectors=str(file)).met(TEXTS)


@pytest.fixture
def make(reader: WordReader) -> Callable[..., Vectors]:
    def build(**settings) -> Vectors:
        net = Vectors(reader, **{"spread": 0.0, **settings})
        net.fit([])
        return net

    return build


def batch(reader: WordReader, *texts: str) -> Tensor:
    found = [reader(t) for t in texts]
    out = np.zeros((len(found), max(map(len, found)) + 1), dtype=np.int32)
    for line, numbers in zip(out, found, strict=True):
        line[: len(numbers)] = numbers
    return torch.from_numpy(out)


def test_the_reader_says_what_the_vectors_know_and_keeps_neither_pairs_nor_stems(reader: WordReader):
    assert reader.said[1] == "vectors: GloVe text, 5 words x 3"
    assert reader.said[2].startswith("they know 3 of 7 words of the training texts (42.9%), 55.6% of these")
    assert (reader.pairs, reader.stem) == ((), 0)


def test_words_that_training_lacked_are_numbered_behind_all_others(reader: WordReader):
    assert reader.added == ("splendid",)
    assert reader("splendid").tolist() == [FIRST + len(reader.words)]
    assert reader.names[-1] == "splendid"
    further = reader.met(["An awful, unheard film", "splendid"])
    assert further.added == ("splendid", "awful")
    assert further("good awful unheard").tolist() == [reader.numbers["good"], reader.size, UNKNOWN]
    assert reader.met(["good unheard"]) is reader


def test_a_reader_with_vectors_is_rebuilt_from_its_settings(reader: WordReader):
    again = WordReader(**reader.settings())
    assert again == reader
    assert again("good splendid x").tolist() == reader("good splendid x").tolist()


def test_documents_that_cannot_be_read_hold_no_new_words(reader: WordReader, tmp_path: Path):
    (tmp_path / "a.txt").write_text("awful")
    assert reader.met([tmp_path / "none.txt", tmp_path / "a.txt"]).added == ("splendid", "awful")


@pytest.mark.parametrize("mode", MODES)
def test_words_begin_at_their_vectors(mode: str, make, reader: WordReader):
    net = make(mode=mode)
    grid = net(batch(reader, "good splendid BAD", "film"))
    assert grid.shape == (2, net.channels, 4)
    assert grid.dtype == torch.float32
    expected = torch.tensor([FILE["good"], FILE["Splendid"], FILE["bad"]]).float()
    for k in range(net.channels // 3):
        torch.testing.assert_close(grid[0, 3 * k : 3 * k + 3, :3].T, expected)
    assert not grid[1, :, 1:].any()
    assert not net(batch(reader, "unheard")).any()


@pytest.mark.parametrize("mode", MODES)
def test_the_grid_by_distinct_words_is_the_same(mode: str, make, reader: WordReader):
    net, further = make(mode=mode), reader.met(["awful"])
    net.meet(further)
    raw = batch(further, "good film good", "an awful unheard film", "splendid")
    types = net.types(raw)
    assert isinstance(net, Typed)
    assert not types.vectors[0].any()
    assert len(types.vectors) == len(["padding", "unknown", "good", "film", "awful", "splendid"])
    torch.testing.assert_close(types.dense(), net(raw), rtol=0, atol=0)
    assert Vectors(reader, drop=0.1).types(raw) is None


@pytest.mark.parametrize("mode", MODES)
def test_training_moves_only_the_words_of_training_texts(mode: str, make, reader: WordReader):
    net, raw = make(mode=mode), batch(reader, "good splendid bad")
    before = net(raw).detach()
    for _ in range(3):
        net.zero_grad()
        (net(raw).square().sum() + sum(p.sum() * 0 for p in net.parameters())).backward() if mode != "static" else None
        with torch.no_grad():
            for p in net.parameters():
                p -= 0.1 * p.grad
    moved = (net(raw) != before).any(dim=1)[0].tolist()
    assert moved == ([False] * 4 if mode == "static" else [True, False, True, False])
    assert torch.equal(net(raw)[0, -3:], before[0, -3:]) == (mode != "nonstatic")


def test_static_vectors_are_no_parameters(make):
    assert list(make(mode="static").parameters()) == []
    assert sum(p.numel() for p in make(mode="nonstatic").parameters()) == (FIRST + 7) * 3


def test_words_that_the_file_lacks_spread_as_the_others(tmp_path: Path):
    rng = np.random.default_rng(0)
    (tmp_path / "v").write_text("".join(f"k{n} {' '.join(map(str, rng.normal(0, 0.4, 50)))}\n" for n in range(50)))
    reader = WordReader(
        words=[*(f"k{n}" for n in range(50)), *(f"x{n}" for n in range(200))], vectors=source(str(tmp_path / "v"))
    )
    net = Vectors(reader, unknown="random")
    net.fit([])
    known, unknown = net.learnt.weight[2:52], net.learnt.weight[52:]
    assert unknown.std().item() == pytest.approx(known.std().item(), rel=0.03)
    assert unknown.abs().max().item() <= 3**0.5 * known.std().item() * 1.01
    zero = Vectors(reader, unknown="zero")
    zero.fit([])
    assert not zero.learnt.weight[52:].any()
    torch.testing.assert_close(zero.learnt.weight[2:52], known)


@pytest.mark.parametrize("mode", MODES)
def test_words_that_are_met_later_have_their_vectors_and_change_no_others(mode: str, make, reader: WordReader):
    net = make(mode=mode)
    before = net(batch(reader, "good splendid unheard"))
    further = reader.met(["awful"])
    net.meet(further)
    torch.testing.assert_close(net(batch(further, "good splendid unheard")), before, rtol=0, atol=0)
    torch.testing.assert_close(net(batch(further, "awful"))[0, :3, 0], torch.tensor(FILE["awful"]).float())
    net.meet(reader)
    assert not len(net.further)


@pytest.mark.parametrize("mode", MODES)
def test_weights_travel_without_the_file(mode: str, make, reader: WordReader, file: Path):
    net = make(mode=mode)
    file.unlink()
    again = Vectors(WordReader(**reader.settings()), mode=mode, spread=0.0)
    again.load_state_dict(net.state_dict())
    raw = batch(reader, *TEXTS)
    torch.testing.assert_close(again(raw), net(raw), rtol=0, atol=0)
    lost = WordReader(**reader.settings())
    assert "are gone" in lost.lost()
    assert lost.met(["awful"]) is lost


def test_a_stem_stands_for_its_most_frequent_word(file: Path):
    table = Table("t", strings(["awfulness awful awful films"]), strings([0]), ("no",), np.zeros(1, dtype=np.int64))
    reader = plan_reader(table, np.arange(1), vectors=str(file), stem=4)
    net = Vectors(reader, spread=0.0)
    net.fit([])
    seen = net(batch(reader, "awfully awful splendid"))[0, :, :2]
    torch.testing.assert_close(seen.T, torch.tensor([FILE["awful"]] * 2).float())
    met = reader.met(["splendid"])
    net.meet(met)
    torch.testing.assert_close(net(batch(met, "awfully splendid"))[0, :, 1], torch.tensor(FILE["Splendid"]).float())


def test_vectors_are_brought_to_one_spread_those_that_are_met_later_too(make, reader: WordReader):
    net, plain = make(spread=0.2), make()
    known = [reader.numbers[w] for w in ("good", "bad", "film", "splendid")]
    ratio = 0.2 / np.std([FILE["good"], FILE["bad"], FILE["film"], FILE["Splendid"]])
    raw = torch.tensor([known])
    torch.testing.assert_close(net(raw), plain(raw) * ratio)
    further = reader.met(["awful"])
    net.meet(further)
    torch.testing.assert_close(
        net(batch(further, "awful"))[0, :, 0], torch.tensor(FILE["awful"]) * ratio, check_dtype=False
    )
    with pytest.raises(UsageError, match="spread of the front-end vectors is -1"):
        make(spread=-1.0)


def test_vectors_and_front_end_belong_together(reader: WordReader):
    with pytest.raises(UsageError, match="needs a file of them; add --vectors FILE"):
        Vectors(WordReader(words=("a",)))
    for build in (Embedding, OneHot):
        with pytest.raises(UsageError, match=r"--vectors: the front-end \w+ learns its own; take --frontend vectors"):
            build(reader)
