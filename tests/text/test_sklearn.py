"""TextCNNClassifier among scikit-learn's own tools."""

import pickle
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks as checks

import multicnn
from multicnn.text.sklearn import TextCNNClassifier

GOOD, BAD = ("wonderful", "lovely", "great", "fine"), ("awful", "boring", "bad", "dull")
THINGS = ("film", "book", "play", "song", "meal", "trip")
TEXTS = [f"a {word} {thing}" for thing in THINGS for word in (*GOOD, *BAD)]
CLASSES = [word in GOOD for _ in THINGS for word in (*GOOD, *BAD)]
QUICK = {"epochs": 10, "lr": 0.01, "device": "cpu", "random_state": 0}


WITHOUT_TABLES = (  # of scikit-learn's checks; the others fit on tables of numbers, and it leaves them out for texts
    checks.check_estimator_cloneable,
    checks.check_mixin_order,
    checks.check_estimator_repr,
    checks.check_estimator_tags_renamed,
    checks.check_get_params_invariance,
    checks.check_no_attributes_set_in_init,
    checks.check_parameters_default_constructible,
    checks.check_set_params,
    checks.check_valid_tag_types,
)


@pytest.mark.parametrize("check", WITHOUT_TABLES)
def test_it_keeps_scikit_learns_rules(check):
    check("TextCNNClassifier", TextCNNClassifier())


def test_scikit_learn_finds_nothing_to_complain_about():
    with pytest.warns(SkipTestWarning, match="requires input"):
        found = checks.check_estimator(TextCNNClassifier(), on_fail="warn")
    assert [f for f in found if f["status"] not in ("passed", "skipped")] == []


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> TextCNNClassifier:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(tmp_path_factory.mktemp("cache")))
        return TextCNNClassifier(**QUICK).fit(TEXTS, CLASSES)


def test_it_learns_and_its_probabilities_are_those_of_its_classes(fitted):
    assert is_classifier(fitted)
    assert fitted.classes_.tolist() == [False, True]
    assert fitted.score(TEXTS, CLASSES) == 1.0
    chances = fitted.predict_proba(["a wonderful boat", "an awful boat", ""])
    np.testing.assert_allclose(chances.sum(1), 1, atol=1e-6)
    assert chances[0, 1] > 0.5 > chances[1, 1]
    assert fitted.predict(np.array(["a wonderful boat"], dtype=object)).tolist() == [True]


def test_a_text_is_answered_alone_as_among_others(fitted):
    together = fitted.predict_proba(TEXTS)
    for text, chances in zip(TEXTS[:8], together, strict=False):
        np.testing.assert_allclose(fitted.predict_proba([text])[0], chances, atol=1e-6)
    assert fitted.features(TEXTS[:3]).shape[0] == 3
    assert fitted.predict([]).tolist() == []


def test_the_same_random_state_gives_the_same_network(fitted):
    again = clone(fitted).fit(TEXTS, CLASSES)
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    other = clone(fitted).set_params(random_state=1).fit(TEXTS, CLASSES)
    assert not np.array_equal(other.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_it_is_pickled_as_plain_bytes(fitted, tmp_path):
    expected = fitted.predict_proba(TEXTS)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(TEXTS), expected)
    joblib.dump(fitted, tmp_path / "model.joblib")
    np.testing.assert_array_equal(joblib.load(tmp_path / "model.joblib").predict_proba(TEXTS), expected)


def test_it_works_in_pipelines_grids_and_cross_validation():
    y = np.where(CLASSES, "yes", "no")
    lower = FunctionTransformer(lambda texts: [t.lower() for t in texts])
    model = make_pipeline(lower, TextCNNClassifier(**QUICK))
    assert cross_val_score(model, TEXTS, y, cv=2).mean() > 0.9
    grid = GridSearchCV(TextCNNClassifier(**QUICK), {"epochs": [1, 10]}, cv=2).fit(TEXTS, y)
    assert grid.best_params_ == {"epochs": 10}
    assert grid.predict(["a wonderful boat"]).tolist() == ["yes"]


def test_settings_reach_the_network():
    small = {"model": {"kernel_width": 5, "kernels": [2]}, "reader": {"lower": False}}
    found = TextCNNClassifier(settings=small, **QUICK | {"epochs": 1}).fit(TEXTS, CLASSES)
    assert found._trained().facts["settings"]["model"]["kernel_width"] == 5
    assert found._trained().reader.lower is False


def test_no_run_is_left_behind_unless_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    quick = QUICK | {"epochs": 1}
    TextCNNClassifier(**quick).fit(TEXTS, CLASSES).predict(TEXTS)
    assert not list((tmp_path / "temporary").iterdir())
    assert {p.name for p in tmp_path.iterdir()} <= {"temporary", "cache"}
    found = TextCNNClassifier(run_folder="kept", validation_fraction=0.25, **quick).fit(TEXTS, CLASSES)
    assert len(multicnn.load(Path("kept"), device="cpu").history) == 1
    assert found.score(TEXTS, CLASSES) > 0


def test_ten_classes_and_more_keep_their_order():
    words = ["nil", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
    texts = [word for word in words for _ in range(3)]
    y = [n for n in range(12) for _ in range(3)]
    found = TextCNNClassifier(**QUICK | {"epochs": 60}).fit(texts, y)
    assert found.predict(words).tolist() == list(range(12))


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ("a text", [1], "X is one text"),
        ([1.0, 2.0], [0, 1], r"X\[0\] is of type float"),
        (["a", None], [0, 1], r"X\[1\] is of type NoneType"),
        (["a", "b\0"], [0, 1], r"X\[1\] holds zero bytes"),
        (["a", "b"], [1, 1], "one class only"),
        (["a", "b"], [1], "2 texts and y 1 classes"),
        (["a", "b"], [0.5, 1.5], "Unknown label type"),
    ],
)
def test_what_cannot_be_learnt_is_refused(x, y, says):
    with pytest.raises(ValueError, match=says):
        TextCNNClassifier(**QUICK).fit(x, y)


def test_it_answers_only_when_fitted():
    for ask in TextCNNClassifier().predict, TextCNNClassifier().predict_proba, TextCNNClassifier().features:
        with pytest.raises(NotFittedError):
            ask(TEXTS)
