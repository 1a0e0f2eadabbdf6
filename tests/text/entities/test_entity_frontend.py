# ruff: noqa: RUF001  Cyrillic letters look like Latin ones
"""The front-end of words and their looks: padding, batch-mates, vectors of a file; its augment; how answers look."""

from pathlib import Path

import pytest
import torch

from multicnn.text.entities import Tokens, UnknownWords
from multicnn.text.entities.cut import cuts
from multicnn.text.entities.draw import Mark, marked, page
from multicnn.text.entities.errors import Sample, cases, confusions
from multicnn.text.entities.frontend import distinct
from multicnn.text.entities.reader import MARK, TokenReader
from multicnn.text.vectors import source
from multicnn.zoo import tagcnn

READER = TokenReader(words=("москва", "и", "тверь"))


def raw(*words: str, length: int = 0) -> torch.Tensor:
    """One piece, padded."""
    cells = torch.from_numpy(READER(MARK.join(words)))
    return torch.cat([cells, cells.new_zeros(max(0, length - len(cells)), cells.shape[1])])


def test_distinct_words_put_in_their_places_are_the_batch():
    x = torch.stack([raw("Москва", "и", "Омск", "и", length=6), raw("Омск", "МОСКВА", length=6)])
    rows, places = distinct(x)
    assert torch.equal(rows[places], x)
    assert len(rows) == 5  # padding, and capitals make another word


@pytest.mark.parametrize("settings", [{}, {"mixed": 12}, {"letters": 0}, {"looks": 0}, {"dim": 0}])
def test_padding_is_zero_and_batch_mates_change_nothing(settings: dict):
    front = Tokens(READER, **settings).eval()
    alone = front(raw("Москва", "и", "Омск")[None])
    both = front(torch.stack([raw("Москва", "и", "Омск", length=8), raw("а", "б", "в", "г", "Москва", length=8)]))
    assert alone.shape == (1, front.channels, 3)
    torch.testing.assert_close(both[:1, :, :3], alone, atol=1e-6, rtol=0)
    assert not both[0, :, 3:].any()
    assert (alone != 0).any(1).all()


def test_words_that_training_lacked_keep_the_vector_of_the_file(tmp_path: Path):
    (tmp_path / "v.vec").write_text("3 4\nмосква 1 2 3 4\nомск 5 6 7 8\nтула 9 9 9 9\n")
    reader = TokenReader(words=("москва", "и"), vectors=source(str(tmp_path / "v.vec")))
    front = Tokens(reader, dim=0, looks=0, letters=0).eval()
    front.fit([])
    met = reader.met(["Омск и Тула"])
    assert met.added == ("омск", "тула")
    front.meet(met)
    x = torch.from_numpy(met(MARK.join(["Тула", "Москва", "и", "Псков"])))[None]
    assert front(x)[0].T.tolist() == [[9, 9, 9, 9], [1, 2, 3, 4], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_unknown_words_keep_their_looks():
    x = torch.stack([raw("Москва", "и", "Тверь", length=5)] * 50)
    y = torch.zeros(50, 5)
    out, same = UnknownWords(p=0.5)(x, y, torch.arange(50))
    hidden = out[..., 0] == 1
    assert same is y
    assert 0.4 < hidden[:, :3].float().mean() < 0.6
    assert not hidden[:, 3:].any()
    assert torch.equal(out[..., 1:], x[..., 1:])


def sample() -> Sample:
    words = ["a", "b", "c", "d", "e", "f"]
    places = [[2 * n, 2 * n + 1] for n in range(6)]
    true = [(0, 1, "A"), (2, 4, "A"), (4, 5, "B")]
    return Sample("x", words, places, true, [(0, 1, "A"), (3, 5, "A"), (5, 6, "B")])


def test_each_answer_meets_the_truth_that_it_shares_most_words_with():
    found = cases(sample())
    assert [(c.begin, c.end, c.said, c.true, c.kind) for c in found] == [
        (0, 1, "A", "A", "right"),
        (6, 9, "A", "A", "borders"),
        (8, 9, "", "B", "missed"),
        (10, 11, "B", "", "spurious"),
    ]
    table = confusions(found, ["A", "B"])
    assert table[0] == ["true", "A", "B", "missed", "wrong borders"]
    assert sum(int(row[c]) for row in table[1:] for c in (1, 2)) == 3


def test_a_page_shows_texts_as_they_are():
    drawn = marked("<b> & Тула", [Mark(6, 10, "LOC", "right"), Mark(8, 10, "PER")])
    assert drawn == '&lt;b&gt; &amp; <mark class="right">Тула<sub>LOC</sub></mark>'
    assert "<h2>a&amp;b</h2>" in page("t", [("a&b", "x", [])])


@pytest.mark.parametrize("training", [False, True])
def test_by_distinct_words_is_as_by_the_grid(training: bool):
    front = Tokens(READER, drop=0.5).train(training)
    x = torch.stack([raw("Москва", "и", "Омск", length=8), raw("а", "б", "в", "г", "Москва", length=8)])
    types = front.types(x)
    if training:
        assert types is None
        return
    assert types is not None
    assert not types.vectors[0].any()
    torch.testing.assert_close(types.dense(), front(x), atol=0, rtol=0)
    body = tagcnn(1, front.channels, width=8).eval()
    for one, other in zip(body.by_types(types), body(front(x)), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)
    for one, other in zip(body.train().by_types(types), [(2, 8, 8), (2, 8, 1)], strict=True):
        assert one.shape == other


def test_a_cut_changes_no_answer_of_the_default_network():
    words = [f"слово{n}" for n in range(40)]
    front, body = Tokens(READER).eval(), tagcnn(1, Tokens(READER).channels, width=8).eval()
    whole = body(front(raw(*words)[None]))[0]
    parts = [
        body(front(raw(*words[p.first : p.last])[None]))[0][..., p.begin - p.first : p.end - p.first]
        for p in cuts([40], 7, 4)
    ]
    torch.testing.assert_close(torch.cat(parts, 2), whole, atol=1e-6, rtol=1e-5)
