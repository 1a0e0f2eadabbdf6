"""Embed: learn word vectors from texts, write them, and tell what they know."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from multicnn.errors import UsageError
from multicnn.text.corpus import Corpus, read_corpus
from multicnn.text.vectors.judged import judge_analogies, judge_similarity, neighbours, telling
from multicnn.text.vectors.learnt import Architecture, Learning, Learnt, Method, learn
from multicnn.train.run import unwritable
from multicnn.train.voice import Silent, Voice
from multicnn.verbs.train import plain

SEEN = 10_000_000  # words in a whole training, counting repeats
LARGE = 1_000_000  # words of texts: from here on a word must occur five times, else twice
SHOWN = 8  # words whose neighbours are told
FORMATS = (".bin", ".vec", ".txt")


@dataclass(frozen=True)
class Embedded:
    """Where the vectors are, for `train(vectors=...)`, and what is known of them."""

    path: Path
    facts: dict[str, Any]


def embed(
    data: str | Path | None = None,
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    method: Method = "word2vec",
    architecture: Architecture = "skipgram",
    dim: int = 100,
    window: int = 5,
    min_count: int | None = None,
    epochs: int | None = None,
    seed: int = 0,
    workers: int = 1,
    keep_case: bool = False,
    text_column: str | None = None,
    words: Sequence[str] = (),
    near: int = 5,
    analogies: str | None = None,
    similarity: str | None = None,
    voice: Voice | None = None,
) -> Embedded:
    """Learn word vectors from the texts of a set, a file or a folder, without labels, and write them.

    out: .bin (word2vec's binary, or fastText's), .vec or .txt (text); vectors/NAME-METHOD.bin unless given.
    min_count: None takes 5, or 2 below a million words; epochs: None as many as see ten million words, 5 to 50.
    words: whose neighbours are told, `near` of each; the most frequent long ones unless given. analogies:
    questions-words.txt or the like, "gensim" for its own; similarity: pairs with scores, "wordsim353" or
    "simlex999". Raises UsageError for a file that exists, unless it may be overwritten.
    """
    from multicnn.text import MODALITY  # here, as the table's file imports this one

    kind, voice = MODALITY.kind(None), voice or Silent()
    source = str(data) if data is not None else kind.default_data
    name = plain(Path(source.partition("=")[2] or source).stem)
    path = Path(out) if out is not None else Path("vectors") / f"{name}-{method}.bin"
    refuse_place(path, overwrite=overwrite)
    corpus = read_corpus(kind, source, keep_case=keep_case, text_column=text_column)
    learning = Learning(
        method=method, architecture=architecture, dim=dim, window=window, seed=seed, workers=workers,
        min_count=(5 if corpus.tokens >= LARGE else 2) if min_count is None else min_count,
        epochs=max(5, min(50, SEEN // corpus.tokens)) if epochs is None else epochs,
    )  # fmt: skip
    learnt, facts = learn_aloud(corpus, learning, voice)
    write(learnt, path)
    facts |= judge(learnt, words, near, analogies, similarity)
    for line in lines(facts):
        voice.say(line)
    voice.say(f"vectors: {path}")
    voice.say(f"next: multicnn text train DATA --vectors {path}")
    return Embedded(path, {"path": str(path), **facts})


def refuse_place(path: Path, *, overwrite: bool) -> None:
    """Raises UsageError, before any work, where the vectors may not be written."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"--out {path}: name a file that ends in {', '.join(FORMATS)}")
    if path.is_dir():
        raise UsageError(f"--out {path}: a folder; name the file to write")
    if path.exists() and not overwrite:
        raise UsageError(f"--out {path}: the file exists; add --overwrite to replace it, or name another")


def learn_aloud(corpus: Corpus, learning: Learning, voice: Voice) -> tuple[Learnt, dict[str, Any]]:
    """Learn, saying of what and how much of the texts the vectors cover."""
    voice.say(f"note: {corpus.said}")
    voice.say(
        f"{learning.method} {learning.architecture} on {len(corpus.texts):,} texts of {corpus.tokens:,} words: "
        f"{learning.dim} numbers a word, {learning.epochs} epochs, window {learning.window}, words from "
        f"{learning.min_count} occurrences, seed {learning.seed}"
    )
    if learning.workers > 1:
        voice.say(f"warning: {learning.workers} workers race, the vectors differ each time; 1 repeats them exactly")
    start = time.perf_counter()
    learnt = learn(corpus.texts, learning)
    counts, known = corpus.counts(), set(learnt.words)
    covered = sum(n for word, n in counts.items() if word in known) / corpus.tokens
    facts = {
        "name": corpus.name, "texts": len(corpus.texts), "empty_texts": corpus.empty, "tokens": corpus.tokens,
        "types": len(counts), "words": len(known), "coverage": round(covered, 4), "settings": asdict(learning),
        "seconds": round(time.perf_counter() - start, 2),
    }  # fmt: skip
    return learnt, facts


def judge(
    learnt: Learnt, words: Sequence[str], near: int, analogies: str | None, similarity: str | None
) -> dict[str, Any]:
    """Neighbours, and scores where they are asked for."""
    found: dict[str, Any] = {"neighbours": neighbours(learnt, words or telling(learnt, SHOWN), near)}
    found["without_vector"] = [word for word in words if word not in found["neighbours"]]
    found["analogies"] = judge_analogies(learnt, analogies) if analogies else None
    found["similarity"] = judge_similarity(learnt, similarity) if similarity else None
    return found


def lines(facts: dict[str, Any]) -> list[str]:
    """The same for a person."""
    told = [
        f"{facts['words']:,} of {facts['types']:,} words have vectors, {facts['coverage']:.1%} of all words as they "
        f"occur; {facts['seconds']:.1f} s"
    ]
    told += [f"  {w}: {', '.join(f'{n} {c:.2f}' for n, c in near)}" for w, near in facts["neighbours"].items()]
    told += [f"  {word}: no vector" for word in facts["without_vector"]]
    if asked := facts["analogies"]:
        share = "none" if asked["share"] is None else f"{asked['share']:.1%}"
        told.append(f"analogies: {share} of {asked['known']:,} right, whose words are known of {asked['asked']:,}")
    if asked := facts["similarity"]:
        rho = "too few" if asked["spearman"] is None else f"{asked['spearman']:.3f}"
        told.append(f"similarity: Spearman {rho} over {asked['known']:,} pairs, known of {asked['asked']:,}")
    return told


def write(learnt: Learnt, path: Path) -> None:
    """Beside, then renamed. Raises DataError where it cannot be written."""
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        learnt.write(partial)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise unwritable(path, error) from error
