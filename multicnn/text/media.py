"""A text, short enough to stand in a page."""

from pathlib import Path
from typing import Any

from multicnn.data.reader import Reader
from multicnn.insight.page import Html, passage
from multicnn.text.entities.reader import MARK, readable

CHARACTERS = 600


def media(item: Any, reader: Reader) -> Html:
    """The text itself, or that of the document at a Path; of a long one the beginning."""
    return passage(shortened(text_of(item)))


def text_of(item: Any) -> str:
    """What a person reads; a tagger's pieces are words with a mark between them."""
    return readable(item) if isinstance(item, Path) else str(item).replace(MARK, " ")


def shortened(text: str, most: int = CHARACTERS) -> str:
    """The whole words within the first characters, and how many characters follow."""
    if len(text) <= most:
        return text
    kept = text[:most].rsplit(maxsplit=1)[0] if " " in text[:most] else text[:most]
    return f"{kept} … ({len(text) - len(kept):,} more characters)"
