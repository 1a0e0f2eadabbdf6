"""Word dropout, the learner to beat, the defaults and the drawing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.image import imread
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from multicnn.data.random import keys
from multicnn.names import check
from multicnn.text import AUGMENTS, FRONTENDS, MODALITY, reviews
from multicnn.text.augment import WordDropout
from multicnn.text.baseline import baseline
from multicnn.text.effort import effort
from multicnn.text.reader import UNKNOWN, WordReader, plan_reader
from multicnn.text.show import draw, spelled
from multicnn.train.settings import TrainSettings
from multicnn.zoo import BODIES

KEY = keys(0, 0, torch.arange(64))


def texts(b: int = 64, t: int = 50) -> tuple[torch.Tensor, torch.Tensor]:
    """Word numbers with padding in the last ten places, and their targets."""
    x = torch.randint(2, 100, (b, t), dtype=torch.int32)
    x[:, -10:] = 0
    return x, torch.eye(2)[torch.arange(b) % 2]


def test_word_dropout_hides_its_share_and_no_padding():
    x, y = texts()
    out, target = WordDropout(p=0.3)(x, y, KEY)
    hidden = out != x
    assert (out[hidden] == UNKNOWN).all()
    assert not hidden[:, -10:].any()
    assert hidden[:, :40].float().mean() == pytest.approx(0.3, abs=0.03)
    assert out.dtype == x.dtype
    assert target is y


def test_word_dropout_is_a_function_of_the_key_alone():
    x, y = texts()
    whole, _ = WordDropout(p=0.3)(x, y, KEY)
    part, _ = WordDropout(p=0.3)(x[5:9, :45], y[5:9], KEY[5:9])
    torch.testing.assert_close(whole[5:9, :45], part, rtol=0, atol=0)
    other, _ = WordDropout(p=0.3)(x, y, keys(0, 1, torch.arange(64)))
    assert not torch.equal(whole, other)


@pytest.mark.parametrize(("p", "hidden"), [(0.0, 0), (1.0, 64 * 40)])
def test_word_dropout_at_its_ends(p: float, hidden: int):
    x, y = texts()
    out, _ = WordDropout(p=p)(x, y, KEY)
    assert int((out != x).sum()) == hidden


def planned():
    table = reviews()
    rows = np.arange(0, 3000, 3)
    return plan_reader(table, rows), table, rows, np.arange(1, 3000, 6)


def test_the_baseline_is_scikit_learns_and_its_probabilities_sum_to_one():
    reader, table, train, test = planned()
    name, answer = baseline(reader, table, train, test, lambda row: reader(table.items[row]))
    assert name == "TF-IDF(1,2) + logistic regression"
    np.testing.assert_allclose(answer.sum(1), 1)
    vectorizer = TfidfVectorizer(tokenizer=reader.tokens, token_pattern=None, lowercase=False, ngram_range=(1, 2))
    x = vectorizer.fit_transform(table.items[train].tolist())
    reference = LogisticRegression(max_iter=1000).fit(x, table.target[train])
    expected = reference.predict_proba(vectorizer.transform(table.items[test].tolist()))
    np.testing.assert_allclose(answer, expected, atol=1e-4)
    assert (answer.argmax(1) == table.target[test]).mean() > 0.7


def test_the_baseline_answers_for_several_labels_and_absent_classes():
    reader, table, train, test = planned()
    several = np.stack([table.target == 0, table.target == 1, np.zeros(3000, bool)], axis=1)
    table = replace(table, target=several, classes=("bad", "good", "absent"))
    _, answer = baseline(reader, table, train, test, lambda row: reader(table.items[row]))
    assert answer.shape == (len(test), 3)
    assert not answer[:, 2].any()
    assert ((answer[:, :2] > 0.5) == several[test, :2]).mean() > 0.7


@pytest.mark.parametrize("n", [1, 2_100, 10**6])
def test_defaults_are_settings_that_exist(n: int):
    reader, table, _, _ = planned()
    found = MODALITY.kind(None).defaults(table, reader, n)
    check("train", TrainSettings, found["train"])
    TrainSettings(**found["train"])
    assert found["model"]["name"] in BODIES
    assert found["frontend"]["name"] in FRONTENDS
    for name, given in found["augment"].items():
        AUGMENTS[name](**given)


def test_a_drawing_shows_the_words_that_the_net_knows(tmp_path: Path):
    reader = WordReader(words=("a", "surprising", "film"))
    assert spelled("A surprised filmgoer", reader) == ["a surpr… ?"]
    assert len(spelled("film " * 900, reader)) == 21
    draw("A $urprising <film> 👍", reader, tmp_path / "text.png", answer="$positive 0.9")
    assert imread(tmp_path / "text.png").std() > 0


@pytest.mark.parametrize(
    ("n", "classes", "several", "epochs", "decay"),
    [
        (8_000, 2, False, 5, 2.5),  # as movie reviews always were
        (2_100, 2, False, 14, 20_000 / 2_100),
        (500, 2, False, 20, 10.0),
        (10_000, 20, False, 11, 0.2),
        (10_000, 20, True, 5, 2.0),
        (1_500, 13, False, 50, 20_000 / 1_500 / 6.5),
        (5_500, 52, False, 21, 20_000 / 5_500 / 26),
        (5_000_000, 14, False, 5, 20_000 / 5_000_000 / 7),
    ],
)
def test_many_classes_take_more_rounds_under_a_weaker_prior(
    n: int, classes: int, several: bool, epochs: int, decay: float
):
    _, table, _, _ = planned()
    names = tuple(f"c{k}" for k in range(classes))
    target = np.zeros((len(table), classes), dtype=bool) if several else table.target
    found = effort(replace(table, classes=names, target=target), n)
    assert found == {"epochs": epochs, "weight_decay": pytest.approx(decay)}


def test_words_with_vectors_bring_their_front_end_and_kims_network(tmp_path: Path):
    (tmp_path / "v.txt").write_text("good 1 2\nbad 3 4\n")
    table = reviews()
    reader = plan_reader(table, np.arange(3000), vectors=str(tmp_path / "v.txt"))
    found = MODALITY.kind(None).defaults(table, reader, 8529)
    assert (found["model"]["name"], found["frontend"]["name"]) == ("textcnn", "vectors")
    assert found["train"]["epochs"] == 7
    TrainSettings(**found["train"])
