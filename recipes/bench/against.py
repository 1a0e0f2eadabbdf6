"""Classifying texts: the default network beside scikit-learn, fastText and spaCy, on the same texts.

    python recipes/bench/against.py MR FORTUNES

    uv run --with fasttext-community --with spacy python recipes/bench/against.py MR FORTUNES

MR: the folder of rt-polarity.pos and .neg; its fold 1 of 10 tests. FORTUNES: /usr/share/games/fortunes/ru of the Debian
package fortunes-ru; 15 % of the texts of its 13 largest topics test. The network learns from the training part and
chooses its epoch by the validation part; the others learn from both. Every one sees the words that our tokeniser cuts,
in small letters, on one thread. fastText: pairs of words, 25 epochs, rate 0.5. spaCy: its default text categoriser
(bag of words and convolutions) on a blank pipeline, 5 epochs. A package that is not installed is left out, and said.
Processor: seconds to learn, of the network with its report and the two linear learners in it.

Measured on one share of 2 busy cores with AVX512-BF16, no GPU, seed 0, MR with --limit 1500 (300 more to choose the
epoch by): accuracy and processor seconds of the network 71.6 % and 26.0 s, of logistic regression 69.7 % and 0.3 s,
of the linear SVM 71.0 % and 0.2 s, of fastText 70.3 % and 4.4 s. spaCy, from 1,440 texts more: 70.5 % and 23.1 s. The
whole sets, and FORTUNES, are not yet measured in this form.
"""

import argparse
import csv
import random
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

Texts = list[list[str]]  # words
Learn = Callable[[Texts, list[str], Texts, int], list[str]]  # texts, labels, new texts, seed -> their labels
SETS = {"mr": "mr", "fortunes": "fortunes-ru"}


def main() -> None:
    args = arguments()
    print("| set | learner | accuracy | macro F1 | processor, s | wall, s |\n|---|---|---|---|---|---|", flush=True)
    for key, name in SETS.items():
        with tempfile.TemporaryDirectory() as work:
            table = written(name, getattr(args, key), args, Path(work) / f"{key}.csv")
            row(key, "multicnn text train", lambda table=table, work=work: ours(table, Path(work), args))
            for learner, (package, learn) in LEARNERS.items():
                if find_spec(package) is None:
                    print(f"| {key} | {learner} | {package} is not installed | | | |", flush=True)
                else:
                    row(key, learner, lambda table=table, learn=learn: beside(table, learn, args.seed))


def row(key: str, learner: str, run: Callable[[], tuple[float, float]]) -> None:
    start, busy = time.perf_counter(), time.process_time()
    accuracy, f1 = run()
    spent = f"{time.process_time() - busy:.1f} | {time.perf_counter() - start:.1f}"
    print(f"| {key} | {learner} | {100 * accuracy:.1f} % | {100 * f1:.1f} % | {spent} |", flush=True)


def written(name: str, data: Path, args: argparse.Namespace, out: Path) -> Path:
    """A table with the part of each text; every learner reads the same."""
    from multicnn.data.splits import folds, limit, split
    from multicnn.text.datasets import SETS as NAMED

    table = NAMED[name](data)
    parts = folds(table, seed=args.seed)[0] if table.fold is not None else split(table, seed=args.seed)
    train, val = parts.train, parts.val
    if args.limit:  # of both parts, as the others learn from both
        train = limit(table, train, args.limit, seed=args.seed)
        val = limit(table, val, max(args.limit // 5, len(table.classes)), seed=args.seed)
    with open(out, "w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        write(["text", "label", "split"])
        for part, rows in (("train", train), ("val", val), ("test", parts.test)):
            for n in rows.tolist():
                write([table.items[n], table.classes[table.target[n]], part])
    return out


def ours(table: Path, work: Path, args: argparse.Namespace) -> tuple[float, float]:
    from multicnn import text

    settings = {"seed": args.seed, "epochs": args.epochs, "precision": "fp32", "device": "cpu"}
    found = text.train(str(table), out=work / "run", **settings).metrics
    return found["accuracy"], found["f1_macro"]


def beside(path: Path, learn: Learn, seed: int) -> tuple[float, float]:
    """What another learner reaches on the test part."""
    from sklearn.metrics import accuracy_score, f1_score

    from multicnn.text.tokens import tokens

    with open(path, encoding="utf-8", newline="") as file:
        rows = [(tokens(r["text"].lower()), r["label"], r["split"] == "test") for r in csv.DictReader(file)]
    random.Random(seed).shuffle(rows)
    known, new = [r for r in rows if not r[2]], [r for r in rows if r[2]]
    said = learn([r[0] for r in known], [r[1] for r in known], [r[0] for r in new], seed)
    truth = [r[1] for r in new]
    return accuracy_score(truth, said), f1_score(truth, said, average="macro")


def logistic(texts: Texts, labels: list[str], new: Texts, seed: int) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words: Any = TfidfVectorizer(analyzer=pairs)
    return list(make_pipeline(words, LogisticRegression(max_iter=1000)).fit(texts, labels).predict(new))


def machine(texts: Texts, labels: list[str], new: Texts, seed: int) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words: Any = TfidfVectorizer(analyzer=pairs, sublinear_tf=True)
    return list(make_pipeline(words, LinearSVC(random_state=seed)).fit(texts, labels).predict(new))


def pairs(words: list[str]) -> list[str]:
    return words + [" ".join(pair) for pair in pairwise(words)]


def fasttext(texts: Texts, labels: list[str], new: Texts, seed: int) -> list[str]:
    import fasttext as library

    names = sorted(set(labels))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for words, label in zip(texts, labels, strict=True):
            file.write(f"__label__{names.index(label)} {' '.join(words)}\n")
        file.flush()
        model = library.train_supervised(file.name, wordNgrams=2, epoch=25, lr=0.5, thread=1, seed=seed, verbose=0)
    return [names[int(model.predict(" ".join(words))[0][0].removeprefix("__label__"))] for words in new]


def spacy(texts: Texts, labels: list[str], new: Texts, seed: int) -> list[str]:
    import spacy as library
    from spacy.tokens import Doc
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(seed)
    nlp = library.blank("xx")
    nlp.add_pipe("textcat")
    names = sorted(set(labels))
    docs = [Doc(nlp.vocab, words=words or ["?"]) for words in texts]
    examples = [
        Example.from_dict(doc, {"cats": {name: float(name == label) for name in names}})
        for doc, label in zip(docs, labels, strict=True)
    ]
    optimizer = nlp.initialize(lambda: examples)
    draw = random.Random(seed)
    for _ in range(5):
        draw.shuffle(examples)
        for batch in minibatch(examples, 32):
            nlp.update(batch, sgd=optimizer, drop=0.2)
    answers = [nlp.get_pipe("textcat")(Doc(nlp.vocab, words=words or ["?"])).cats for words in new]
    return [max(cats, key=cats.__getitem__) for cats in answers]


LEARNERS: dict[str, tuple[str, Learn]] = {
    "scikit-learn, TF-IDF(1,2) + logistic regression": ("sklearn", logistic),
    "scikit-learn, TF-IDF(1,2) + linear SVM": ("sklearn", machine),
    "fastText, pairs of words": ("fasttext", fasttext),
    "spaCy, text categoriser": ("spacy", spacy),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mr", type=Path, help="folder of the movie reviews")
    parser.add_argument("fortunes", type=Path, help="folder of the Russian fortunes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="of the network, instead of the default; for a quick try")
    parser.add_argument("--limit", type=int, help="training texts, instead of all; for a quick try")
    return parser.parse_args()


if __name__ == "__main__":
    main()
