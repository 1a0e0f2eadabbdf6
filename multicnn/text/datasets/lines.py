"""Text files with a sample a line."""

from pathlib import Path

from multicnn.errors import DataError


def read_lines(path: Path, *, encoding: str) -> list[tuple[int, str]]:
    """(line number from 1 on, its text) of all lines that are not blank; only `\\n` and `\\r\\n` end a line.

    Raises DataError naming a file that cannot be read.
    """
    try:
        text = path.read_bytes().decode(encoding)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its name and its rights") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not {encoding}; fetch the file again") from None
    return [(n, line.strip()) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
