"""`predict --features`: the vectors that a net answers from, as files and in the library."""

import csv
import json

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

import multicnn
from multicnn import text
from multicnn.errors import DataError, UsageError
from multicnn.zoo.lookup import Looked

TEXTS = ["a wonderful boat, I loved it", "awful", "", "an awful, awful, awful tale that I hated from the first line on"]


def test_the_head_answers_from_these_vectors(text_run):
    run = multicnn.load(text_run, device="cpu")
    found = run.features(TEXTS)
    head = run.trained.net.head
    with torch.no_grad():
        answers = head.fc(torch.from_numpy(found)).softmax(1).numpy()
    expected = [[p.record()["probabilities"][c] for c in run.classes] for p in run.predict(TEXTS)]
    np.testing.assert_allclose(answers, expected, atol=1e-4)
    assert found.dtype == np.float32


def test_a_vector_is_the_same_alone_and_among_others(text_run):
    run = multicnn.load(text_run, device="cpu")
    together = run.features(TEXTS * 3)
    for one, vector in zip(TEXTS * 3, together, strict=True):
        np.testing.assert_allclose(run.features(one)[0], vector, rtol=1e-5, atol=1e-6)


def test_a_net_that_looks_words_up_has_them_too(tmp_path):
    settings = {"reader": {"max_pairs": 0}}
    text.train("reviews", model="textcnn", epochs=1, limit=60, device="cpu", settings=settings, out=tmp_path / "run")
    run = multicnn.load(tmp_path / "run", device="cpu")
    assert isinstance(run.trained.net, Looked)
    assert run.features(TEXTS).shape == (len(TEXTS), 300)


def test_scikit_learn_learns_from_them(text_run, texts):
    with texts.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    x = multicnn.load(text_run, device="cpu").features([row["text"] for row in rows])
    y = [row["label"] for row in rows]
    assert LogisticRegression(C=100).fit(x[::2], y[::2]).score(x[1::2], y[1::2]) == 1.0


def test_two_files_are_written(works, text_run, texts, tmp_path):
    answer = works("predict", text_run, texts, "--features", "--out", tmp_path / "words", "--json")
    told = json.loads(answer.out)
    vectors = np.load(tmp_path / "words.npy")
    assert (told["n"], told["dim"]) == vectors.shape
    assert told["features"] == str(tmp_path / "words.npy")
    with (tmp_path / "words.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == [str(n) for n in range(24)]
    assert rows[0] == {"row": "0", "id": "texts.csv:2", "error": ""}
    run = multicnn.load(text_run, device="cpu")
    np.testing.assert_allclose(run.features(texts), vectors, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["there", "there/features.npy", "there/features.csv"])
def test_a_folder_or_an_ending_names_both(works, text_run, texts, tmp_path, name):
    (tmp_path / "there").mkdir()
    works("predict", text_run, texts, "--features", "--out", tmp_path / name)
    assert sorted(p.name for p in (tmp_path / "there").iterdir()) == ["features.csv", "features.npy"]


def test_pictures_and_sounds_have_them_too(works, image_run, audio_run, pictures, sounds, tmp_path):
    for run, data in (image_run, pictures), (audio_run, sounds):
        works("predict", run, data, "--features", "--out", tmp_path / run.name)
        vectors = np.load(tmp_path / f"{run.name}.npy")
        assert len(vectors) == 24
        assert np.isfinite(vectors).all()
    works("predict", image_run, pictures, "--features", "--tta", "--out", tmp_path / "views")
    assert np.load(tmp_path / "views.npy").shape == np.load(tmp_path / f"{image_run.name}.npy").shape


def test_what_cannot_be_read_is_no_number_and_the_others_are_written(command, image_run, pictures, tmp_path):
    (pictures / "0" / "00.png").write_bytes(b"no picture")
    answer = command("predict", image_run, pictures, "--features", "--out", tmp_path / "some")
    assert answer.code == 3
    assert "1 of 24 samples could not be read, the others are written" in answer.err
    vectors = np.load(tmp_path / "some.npy")
    assert np.isnan(vectors[0]).all()
    assert np.isfinite(vectors[1:]).all()
    assert command("predict", image_run, pictures, "--features", "-o", tmp_path / "more", "--on-bad", "skip").code == 0
    with pytest.raises(DataError, match=r"00\.png"):
        multicnn.load(image_run, device="cpu").features(pictures)


def test_nothing_readable_is_no_reason_to_stop(command, image_run, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    answer = command("predict", image_run, tmp_path / "bad.png", "--features", "--out", tmp_path / "none")
    assert answer.code == 3
    assert np.load(tmp_path / "none.npy").shape == (1, 0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "name them with --out"),
        (("--format", "csv"), "--format is for answers"),
        (("--every", "1"), "--every is for answers"),
        (("--threshold", "0.5"), "--threshold is for answers"),
        (("--set", "task.drop=0.1"), "--set is for answers"),
    ],
)
def test_what_does_not_apply_is_refused(refuses, text_run, texts, options, says):
    out = () if not options else ("--out", "vectors")
    refuses("predict", text_run, texts, "--features", *out, *options, code=2, says=says)


def test_files_are_not_replaced_unless_asked(refuses, works, text_run, texts, tmp_path):
    (tmp_path / "words.csv").write_text("mine")
    refuses("predict", text_run, texts, "--features", "--out", "words", code=2, says="the file exists")
    works("predict", text_run, texts, "--features", "--out", tmp_path / "words", "--overwrite")
    assert (tmp_path / "words.csv").read_text().startswith("row,id,error")


def test_a_task_without_one_vector_a_sample_is_refused(tmp_path):
    from multicnn import image

    run = image.train(
        task="segment", model="unet", epochs=1, limit=12, out=tmp_path / "run", device="cpu",
        precision="fp32", image_size=32, settings={"model": {"width": 4}},
    )  # fmt: skip
    with pytest.raises(UsageError, match="does not answer from one vector a sample"):
        run.features(np.zeros((32, 32, 3), dtype=np.uint8))
