"""Words in bytes that are no UTF-8."""

from collections.abc import Sequence

from multicnn.data.layouts.encoding import guess_encoding


def unicode(words: Sequence[bytes]) -> tuple[list[bytes], str]:
    """The words in UTF-8, and what to tell of those that were not.

    Where these are many the file is in another encoding, which their letters tell; where they are few among others
    beyond ASCII they are damaged, and no text will ever hold them.
    """
    bad = [place for place, word in enumerate(words) if not word.isascii() and not valid(word)]
    if not bad:
        return list(words), ""
    encoding = guess_encoding(b"\n".join(word for word in words if not word.isascii()))
    coded = list(words)
    for place in bad:
        coded[place] = words[place].decode(encoding or "utf-8", "replace").encode()
    first = coded[bad[0]].decode()
    how = f"read as {encoding}" if encoding else "damaged, and left out"
    return coded, f"{len(bad):,} words are not UTF-8 and {how}, the first is {first!r}"


def valid(word: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True
