"""spaCy's training JSON: documents of paragraphs of sentences of tokens with BILOU tags, of `spacy convert`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.claims import Names, claims, shown
from multicnn.text.datasets.entities.objects import Value
from multicnn.text.datasets.entities.shapes import Record


def is_training(value: Any) -> bool:
    """Whether a record is a document of paragraphs."""
    return isinstance(value, dict) and isinstance(value.get("paragraphs"), list)


def training(values: Sequence[Value], name: str, names: Names, mended: Mended) -> list[Record]:
    """A text a paragraph, of one document each. Raises DataError naming the document that is broken."""
    found: list[Record] = []
    for one in values:
        if not is_training(one.value):
            raise DataError(f"{one.where}: no document with paragraphs, {shown(one.value)}; correct it")
        for number, paragraph in enumerate(one.value["paragraphs"], start=1):
            if not isinstance(paragraph, dict):
                raise DataError(f"{one.where}: paragraph {number} is {shown(paragraph)}, no object; correct it")
            id_ = f"{one.id} paragraph {number}"
            found.append(
                text_of(paragraph, id_, f"{one.where}, paragraph {number}", names, mended)._replace(group=one.id)
            )
    return found


def text_of(paragraph: Mapping[str, Any], id_: str, where: str, names: Names, mended: Mended) -> Record:
    """A paragraph by its tags, or by its spans where it has some."""
    tokens = list(tokens_of(paragraph, where))
    raw = paragraph.get("raw")
    text = raw if isinstance(raw, str) else None
    if paragraph.get("entities") and text is not None:
        spans = claims(paragraph["entities"], where, names, mended)
        return Record(id_, where, text, [t[0] for t in tokens] or None, None, spans)
    if text is None and any(space is not None for _, _, space in tokens):
        text = "".join(word + (space if isinstance(space, str) else " ") for word, _, space in tokens).rstrip()
    tags = ["O" if tag == "-" else tag for _, tag, _ in tokens]
    return Record(id_, where, text, [t[0] for t in tokens], tags)


def tokens_of(paragraph: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, Any]]:
    """Word, tag and the space behind it of each token. Raises DataError."""
    sentences = paragraph.get("sentences", [])
    if not isinstance(sentences, list) or not all(isinstance(s, dict) for s in sentences):
        raise DataError(f"{where}: its sentences are {shown(sentences)}; correct them")
    for sentence in sentences:
        held = sentence.get("tokens", [])
        for token in held if isinstance(held, list) else [held]:
            word = token.get("orth") if isinstance(token, dict) else None
            tag = (token.get("ner") or "O") if isinstance(token, dict) else None
            if not isinstance(word, str) or not isinstance(tag, str):
                raise DataError(f"{where}: token {shown(token)} has no orth or ner; correct it")
            if word.strip():
                yield word, tag, token.get("space")
