"""Ways to cut a text, by name: each gives the tokens, and where they stand in the text as it was given."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple
from unicodedata import normalize

from multicnn.errors import UsageError
from multicnn.text.tokens import SAME, compose, spans, tokens

Span = tuple[int, int]
CHARACTER = re.compile(r"\s+|\S")


class Tokenizer(NamedTuple):
    """tokens: of a text in their order.  spans: of each its begin and end in the code points of the same text.

    Spans are in order and apart; between them is nothing but white space and characters that nobody sees.
    """

    tokens: Callable[[str], list[str]]
    spans: Callable[[str], list[Span]]


def characters(text: str) -> list[str]:
    """The characters of a text in Unicode's composed form (NFC), white space between words as one space."""
    return [" " if c.isspace() else c for c in CHARACTER.findall(normalize("NFC", text).strip())]


def character_spans(text: str) -> list[Span]:
    """The spans of `characters`."""
    form, fences = compose(text)
    begin, end = len(form) - len(form.lstrip()), len(form.rstrip())
    return [(fences[m.start()], fences[m.end()]) for m in CHARACTER.finditer(form, begin, end)]


def razdel_tokens(text: str) -> list[str]:
    """The tokens of razdel, made for Russian (github.com/natasha/razdel), in composed form with plain apostrophes."""
    return [plain(text[a:b]) for a, b in razdel_spans(text)]


def razdel_spans(text: str) -> list[Span]:
    """The spans of `razdel_tokens`. Raises UsageError where razdel is not installed."""
    found = [(t.start, t.stop) for t in razdel().tokenize(text)]
    return [(a, b) for a, b in found if plain(text[a:b])]


def plain(token: str) -> str:
    """A token as our own tokeniser spells it."""
    return token if token.isascii() else normalize("NFC", token.translate(SAME)).strip()


def razdel() -> Any:
    """The library. Raises UsageError with the command that installs it."""
    try:
        return import_module("razdel")
    except ModuleNotFoundError:
        raise UsageError(
            "reader.tokenizer razdel needs razdel, which is not installed; install it with: "
            "pip install 'multicnn[russian]'"
        ) from None


TOKENIZERS = {
    "words": Tokenizer(tokens, spans),
    "razdel": Tokenizer(razdel_tokens, razdel_spans),
    "characters": Tokenizer(characters, character_spans),
}
