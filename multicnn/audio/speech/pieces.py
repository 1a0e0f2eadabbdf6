"""Pieces of words as units, found by sentencepiece in the training transcripts. Kudo 2018, arXiv 1804.10959."""

import io
from collections.abc import Sequence

from multicnn.errors import UsageError


def find_pieces(texts: Sequence[str], units: str | int) -> tuple[list[str], list[float]]:
    """So many pieces and their scores, by which `segment.best` cuts a text as sentencepiece does.

    Raises UsageError for no number, without sentencepiece, and where the texts do not give so many pieces.
    """
    if isinstance(units, str) or units < 2:
        raise UsageError(f"reader.units is {units!r}; give characters, or a number of pieces of words, such as 256")
    try:
        import sentencepiece
    except ModuleNotFoundError:
        raise UsageError("reader.units: pieces of words need sentencepiece; pip install 'multicnn[units]'") from None
    model, said = io.BytesIO(), iter([text for text in texts if text])
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=said, model_writer=model, vocab_size=units + 1, model_type="unigram",
            character_coverage=1.0, bos_id=-1, eos_id=-1, unk_id=0, normalization_rule_name="identity",
            minloglevel=2,
        )  # fmt: skip
    except RuntimeError as error:
        reason = str(error).rsplit(")", 1)[-1].strip() or str(error)
        raise UsageError(f"reader.units is {units}: sentencepiece says {reason}; give another number") from None
    found = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    numbers = [n for n in range(found.get_piece_size()) if not found.is_unknown(n)]
    return [found.id_to_piece(n) for n in numbers], [float(found.get_score(n)) for n in numbers]
