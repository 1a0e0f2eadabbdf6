"""The command `text embed`."""

from pathlib import Path
from typing import Any

import click

from multicnn.cli.console import Console


@click.command()
@click.argument("data", required=False)
@click.option(
    "--method", type=click.Choice(["word2vec", "fasttext"]), default="word2vec", help="fasttext has sub-words"
)
@click.option("--architecture", type=click.Choice(["skipgram", "cbow"]), default="skipgram", help="what is foretold")
@click.option("--dim", type=int, default=100, metavar="N", help="numbers of a vector; 100 unless given")
@click.option("--window", type=int, default=5, metavar="N", help="words on each side; 5 unless given")
@click.option("--min-count", type=int, metavar="N", help="occurrences that make a word learnt; 5, in few texts 2")
@click.option("--epochs", type=int, metavar="N", help="times through the texts; 5 to 50, by their length")
@click.option("--seed", type=int, default=0, metavar="N", help="of everything random")
@click.option("-j", "--workers", type=int, default=1, metavar="N", help="threads; only 1 gives the same vectors again")
@click.option("--keep-case", is_flag=True, help="capitals make other words")
@click.option("--text-column", metavar="NAME", help="column of a table that holds the texts")
@click.option("--words", metavar="A,B", help="whose neighbours are shown; the most frequent long ones unless given")
@click.option("--neighbours", "near", type=int, default=5, metavar="N", help="of each word")
@click.option("--analogies", metavar="FILE", help="questions-words.txt or the like; gensim: its own")
@click.option("--similarity", metavar="FILE", help="pairs of words with scores; wordsim353, simlex999: gensim's")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="file to write: .bin, .vec or .txt")
@click.option("--overwrite", is_flag=True, help="replace the file of --out")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object, alone, on stdout")
@click.option("-q", "--quiet", is_flag=True, help="say nothing but warnings and errors")
def embed(data: str | None, words: str | None, as_json: bool, quiet: bool, **settings: Any) -> None:
    """Learn word vectors from the texts of DATA, for `train --vectors`.

    DATA: any set that train takes, a file with a text a line, a folder of such files.
    """
    from multicnn import text

    chosen = [word.strip() for word in (words or "").split(",") if word.strip()]
    with Console(as_json, quiet) as console:
        console.result(text.embed(data, words=chosen, voice=console, **settings).facts)
