"""The sub-words of fastText, by the buckets that its hash puts them in. Bojanowski et al. 2017, arXiv 1607.04606."""

BASIS, PRIME, MASK = 2166136261, 16777619, 0xFFFFFFFF  # of FNV-1a
SIGNED = [b if b < 128 else b | 0xFFFFFF00 for b in range(256)]  # fastText widens its bytes with their sign
HIGH, INNER = 0xC0, 0x80  # bytes 10xxxxxx go on with a letter of UTF-8


def buckets(word: bytes, shortest: int, longest: int, count: int) -> list[int]:
    """The bucket of each piece of `<word>` of `shortest` to `longest` letters, from 0 to `count` - 1.

    As fastText's Dictionary::computeSubwords: neither `<` nor `>` is a piece.
    """
    text = b"<" + word + b">"
    starts = [place for place, byte in enumerate(text) if byte & HIGH != INNER]
    letters, found = len(starts), []
    starts.append(len(text))
    for begin in range(letters):
        value = BASIS
        for end in range(begin, min(letters, begin + longest)):
            for byte in text[starts[end] : starts[end + 1]]:
                value = ((value ^ SIGNED[byte]) * PRIME) & MASK
            n = end - begin + 1
            if n >= shortest and not (n == 1 and (begin == 0 or end == letters - 1)):
                found.append(value % count)
    return found
