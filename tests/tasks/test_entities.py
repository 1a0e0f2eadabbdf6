"""Entities as a task: encoded, learnt, judged, read, resampled."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.insight.bootstrap import intervals
from multicnn.tasks import crf
from multicnn.tasks.crf import NO_TAG
from multicnn.tasks.entities import CHAINS, Entities, Span, forbidden, joined
from multicnn.tasks.schemes import names
from multicnn.zoo.body import Body

TYPES = ("LOC", "PER")
TAGS = names(TYPES)  # O B-LOC I-LOC B-PER I-PER


class Front(nn.Identity):
    """Vectors of no words."""

    rank, channels = 1, 6


class Plain(Body):
    """One convolution; a level of each stride."""

    def __init__(self, strides: tuple[int, ...] = (1,), *, padded: bool = True):
        super().__init__()
        self.channels, self.strides, self.padded = [6] * len(strides), [*strides], padded
        self.conv = nn.Conv1d(6, 6, 3, padding=1)

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.conv(x)[:, :, ::s] for s in self.strides]


def tags(text: str, wide: int = 0) -> list[int]:
    """`. O B-LOC` as numbers, `.` for a cell that does not count."""
    own = [NO_TAG if t == "." else TAGS.index(t) for t in text.split()]
    return own + [NO_TAG] * (wide - len(own))


def sure(rows: list[list[int]], chain: str) -> Tensor:
    """Answers that say these tags, and nothing of uncounted cells."""
    scores = torch.zeros(len(rows), len(TAGS), len(rows[0]))
    for line, row in zip(scores, rows, strict=True):
        for cell, tag in enumerate(row):
            line[max(tag, 0), cell] = 9.0 * (tag >= 0)
    return CHAINS["rules"].whole(scores) if chain == "crf" else scores


def test_what_must_not_follow() -> None:
    found = forbidden(5)
    assert {(TAGS[i], TAGS[j]) for i, j in found[:, :5].nonzero().tolist()} == {
        *(("O", t) for t in ("I-LOC", "I-PER")), ("B-LOC", "I-PER"), ("I-LOC", "I-PER"), ("B-PER", "I-LOC"),
        ("I-PER", "I-LOC"),
    }  # fmt: skip
    assert [TAGS[i] for i in found[:, 5].nonzero()[:, 0].tolist()] == ["I-LOC", "I-PER"]
    assert not found[:, 6].any()


def test_what_goes_on_with_nothing_begins() -> None:
    y = torch.tensor([tags(". I-LOC I-LOC I-PER O I-PER . ."), tags("B-LOC I-LOC B-LOC I-PER I-PER O O O")])
    assert Entities(TYPES).encode(y.to(torch.int16)).tolist() == [
        tags(". B-LOC I-LOC B-PER O B-PER . ."), tags("B-LOC I-LOC B-LOC B-PER I-PER O O O")
    ]  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS)
def test_judged_and_measured(chain: str) -> None:
    task = Entities(TYPES, chain=chain)
    true = [tags(". B-PER I-PER O B-LOC . ."), tags("O B-LOC O O B-PER I-PER I-PER")]
    said = [tags(". B-PER I-PER O B-PER . ."), tags("O B-LOC O O B-PER I-PER I-PER")]
    wide = torch.tensor([row + [NO_TAG] * 2 for row in true], dtype=torch.int16)  # as a table's longest row asks
    judged = task.judge(sure(said, chain), wide).numpy()
    assert judged.shape == (2, 10)
    found = task.metrics(judged, np.zeros(2))
    assert found["f1_entity_exact"] == pytest.approx(2 * 3 / (4 + 4))
    assert found["f1_token_io"] == pytest.approx(2 * 6 / (7 + 7))
    rows = task.per_class(judged, np.zeros(2))
    assert rows["LOC"]["recall"] == 0.5
    assert rows["PER"] | {"entities": 2.0, "said": 3.0, "recall": 1.0} == rows["PER"]
    loss = task.loss(sure(said, chain), task.encode(wide))
    np.testing.assert_allclose(task.losses(judged, np.zeros(2)), loss, rtol=1e-6)
    assert task.metrics(judged, np.zeros(2), np.array([0.0, 5.0]))["f1_entity_exact"] == 1.0
    low, high = intervals(task, judged, np.zeros(2))["f1_entity_exact"]
    assert low <= found["f1_entity_exact"] <= high


@pytest.mark.parametrize("chain", CHAINS)
def test_said_tags_keep_to_the_rules(chain: str) -> None:
    torch.manual_seed(0)
    task = Entities(TYPES, chain=chain)
    net = task.net(Front(), Plain())
    whole = task.answer(net(3 * torch.randn(20, 6, 15))).detach()
    said = crf.viterbi(whole, torch.zeros(20), torch.full((20,), 15))
    assert torch.equal(task.encode(said), said)


@pytest.mark.parametrize("chain", CHAINS)
def test_it_learns(chain: str) -> None:
    """Words 0 to 4 mean their own tag, 5 the inside of what came before."""
    torch.manual_seed(0)
    task = Entities(TYPES, chain=chain)
    net = task.net(Front(), Plain())
    optimizer = torch.optim.Adam(net.parameters(), 0.03)
    y = task.encode(torch.randint(0, 5, (64, 12)))
    x = nn.functional.one_hot(torch.where((y > 0) & (y % 2 == 0), 5, y), 6).float().mT
    y[:, 10:] = NO_TAG
    first = task.loss(net(x), y).mean().item()
    for _ in range(60):
        optimizer.zero_grad()
        task.loss(net(x), y).mean().backward()
        optimizer.step()
    with torch.inference_mode():
        out = net(x)
        judged = task.judge(out, y).numpy()
    assert task.losses(judged, y.numpy()).mean() < first / 4
    assert task.metrics(judged, y.numpy())["f1_entity_exact"] > 0.7


@pytest.mark.parametrize("chain", CHAINS)
def test_losses_and_answers_do_not_depend_on_neighbours_and_padding(chain: str) -> None:
    torch.manual_seed(0)
    task = Entities(TYPES, chain=chain)
    net = task.net(Front(), Plain())
    x, y = torch.randn(4, 6, 9), task.encode(torch.randint(0, 5, (4, 9)))
    y[1, 5:] = NO_TAG
    y[2] = NO_TAG
    out = net(x)
    alone = torch.cat([task.loss(net(x[i : i + 1]), y[i : i + 1]) for i in range(4)])
    torch.testing.assert_close(task.loss(out, y), alone)
    assert task.loss(out, y)[2] == 0
    judged = task.judge(out, y)
    wide = task.judge(out, nn.functional.pad(y, (0, 3), value=NO_TAG))
    assert torch.equal(wide[:, :9], judged[:, :9])
    assert (wide[:, 9:12] == NO_TAG).all()


def test_entities_of_a_text_and_how_sure_they_are() -> None:
    task = Entities(TYPES)
    answer = sure([tags("O B-PER I-PER O B-LOC B-LOC")], "crf")[0].numpy()
    found = task.spans(answer)
    assert [s[:3] for s in found] == [(1, 3, "PER"), (4, 5, "LOC"), (5, 6, "LOC")]
    assert all(0.99 < s.probability <= 1 for s in found)
    assert task.decode(answer[None]) == ["2 LOC, 1 PER"]
    assert task.decode(sure([tags("O O")], "crf").numpy()) == ["nothing"]
    unsure = sure([tags("B-PER I-PER")], "crf").numpy() * 0.05
    assert task.spans(unsure[0])[0].probability < 0.9
    assert task.spans(np.zeros((5, 7), np.float32)) == []  # a text without tokens
    assert isinstance(found[0], Span)


def test_pieces_of_a_text_are_read_as_one() -> None:
    """An entity across the border of two pieces."""
    task = Entities(TYPES)
    answer = sure([tags("O O B-PER I-PER I-PER O B-LOC O")], "crf")[0].numpy()
    chain = answer[:, 8:]
    first, second = (np.concatenate([answer[:, a:b], chain], 1) for a, b in ((0, 5), (2, 8)))
    np.testing.assert_array_equal(joined([first, second], [(0, 4), (2, 6)]), answer)
    assert task.spans(joined([first, second], [(0, 4), (2, 6)])) == task.spans(answer)


def test_settings_that_do_not_go() -> None:
    with pytest.raises(UsageError, match="--class-weights"):
        Entities(TYPES, weights=torch.ones(2))
    with pytest.raises(UsageError, match="no chain named 'crff'; did you mean crf"):
        Entities(TYPES, chain="crff")
    with pytest.raises(UsageError, match=r"task.level is 3; known: 0, -1"):
        Entities(TYPES, level=3).net(Front(), Plain())
    with pytest.raises(UsageError, match="an answer for each token"):
        Entities(TYPES, level=-1).net(Front(), Plain((1, 2)))
    with pytest.raises(UsageError, match="an answer for each token"):
        Entities(TYPES).net(Front(), Plain(padded=False))
    with pytest.raises(UsageError, match="leaves out tokens"):
        Entities(TYPES).loss(sure([tags("O O")], "crf"), torch.tensor([tags("O O O")]))


def test_moved_samples_keep_their_tags() -> None:
    y = torch.tensor([tags("O B-LOC")])
    assert torch.equal(Entities(TYPES).move(y, torch.eye(3)[None]), y)
