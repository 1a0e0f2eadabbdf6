"""Word vectors from files: word2vec, GloVe, fastText, navec; only the rows that are asked for are read."""

from multicnn.text.vectors.opened import open_vectors
from multicnn.text.vectors.source import Source, source
from multicnn.text.vectors.words import WordVectors, look_up

__all__ = ["Source", "WordVectors", "look_up", "open_vectors", "source"]
