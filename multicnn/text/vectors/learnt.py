"""Vectors learnt from texts, by gensim: the one file that knows its names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from multicnn.errors import DataError, UsageError

Method = Literal["word2vec", "fasttext"]
Architecture = Literal["skipgram", "cbow"]
ANALOGIES = "questions-words.txt"  # of Mikolov et al. 2013, arXiv 1301.3781, as gensim ships it
PAIRS = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}


@dataclass(frozen=True, kw_only=True)
class Learning:
    """dim: numbers of a vector. window: words on each side. min_count: rarer words are left out. negative: samples.

    workers: threads; only one gives the same vectors every time. shortest, longest: letters of fastText's sub-words;
    buckets: that these share.
    """

    method: Method = "word2vec"
    architecture: Architecture = "skipgram"
    dim: int = 100
    window: int = 5
    min_count: int = 5
    epochs: int = 5
    negative: int = 5
    seed: int = 0
    workers: int = 1
    shortest: int = 3
    longest: int = 6
    buckets: int = 200_000

    def __post_init__(self) -> None:
        for name in ("dim", "window", "min_count", "epochs", "negative", "workers", "shortest", "longest", "buckets"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be at least 1")


@dataclass(frozen=True, eq=False)
class Learnt:
    """Vectors in memory. model: gensim's."""

    model: Any

    @property
    def words(self) -> list[str]:
        """The most frequent first."""
        return self.model.wv.index_to_key

    def neighbours(self, word: str, n: int) -> list[tuple[str, float]]:
        """The `n` words of the nearest direction, with the cosine."""
        return [(other, round(float(cosine), 4)) for other, cosine in self.model.wv.most_similar(word, topn=n)]

    def cosine(self, one: str, other: str) -> float:
        return float(self.model.wv.similarity(one, other))

    def analogies(self, path: Path) -> tuple[int, int]:
        """How many questions `a b c d` are answered rightly, of how many whose words all are known."""
        _, sections = self.model.wv.evaluate_word_analogies(str(path))
        return len(sections[-1]["correct"]), len(sections[-1]["correct"]) + len(sections[-1]["incorrect"])

    def write(self, path: Path) -> None:
        """As word2vec's text (.txt, .vec) or binary (.bin), of fastText as its .bin."""
        if path.suffix.lower() != ".bin":
            self.model.wv.save_word2vec_format(str(path), binary=False)
        elif hasattr(self.model.wv, "bucket"):
            from gensim.models.fasttext import save_facebook_model

            save_facebook_model(self.model, str(path))
        else:
            self.model.wv.save_word2vec_format(str(path), binary=True)


def learn(texts: Sequence[Sequence[str]], learning: Learning) -> Learnt:
    """Vectors of the words of some texts. Raises DataError where no word is frequent enough."""
    from gensim.models import FastText, Word2Vec

    own: dict[str, Any] = {}
    if learning.method == "fasttext":
        own = {"min_n": learning.shortest, "max_n": learning.longest, "bucket": learning.buckets}
    build = FastText if own else Word2Vec
    model = build(
        vector_size=learning.dim, window=learning.window, min_count=learning.min_count, negative=learning.negative,
        sg=int(learning.architecture == "skipgram"), seed=learning.seed, workers=learning.workers, **own,
    )  # fmt: skip
    model.build_vocab(texts)
    if len(model.wv) < 2:
        raise DataError(
            f"fewer than two words occur {learning.min_count} times; give more text, or a smaller --min-count"
        )
    model.train(texts, total_examples=len(texts), epochs=learning.epochs)
    return Learnt(model)


def shipped(name: str) -> Path:
    """A file of questions that gensim brings along. Raises DataError where its installation lacks it."""
    from gensim.test.utils import datapath

    path = Path(datapath(name))
    if not path.is_file():
        raise DataError(f"gensim is installed without {name}; name a file of your own")
    return path
