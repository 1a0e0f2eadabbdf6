"""What a network is given of texts that are not there yet."""

from multicnn.zoo import SENTENCE


def imagined(usual: tuple[int, ...], *, max_words: int | None = None) -> tuple[int, ...]:
    """Numbers of a word's vector, and words; left open, those of the network's published form, or of MR.  -> c t"""
    c, t = usual if len(usual) == 2 else SENTENCE
    return c, max_words or t
