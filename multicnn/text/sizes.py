"""How long texts are, before and after they are read."""

from dataclasses import replace

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.sizes import Sizes
from multicnn.data.table import Table
from multicnn.text.reader import WordReader, readable

LOOKED_AT = 200  # training texts, spread evenly
LONGEST = 100_000  # words that are counted


def sizes(table: Table, rows: np.ndarray, reader: Reader) -> Sizes:
    """Words, or letters where texts are read by these, of up to 200 of the rows; nothing of tokens with tags."""
    if not isinstance(reader, WordReader) or not len(rows):
        return Sizes()
    whole = replace(reader, max_words=LONGEST)
    looked = table.items[rows[:: -(-len(rows) // LOOKED_AT)]].tolist()
    lengths = [len(whole.tokens(readable(text))) for text in looked]
    return Sizes(np.array(lengths, dtype=float)[:, None], (float(reader.max_words),))
