"""Where the small data sets that ship with the package lie."""

from pathlib import Path

from multicnn.errors import DataError

PACKAGE = Path(__file__).resolve().parents[1]


def asset(name: str) -> Path:
    """The shipped file or folder called `name`: inside an installed package, else beside it in a checkout.

    Raises DataError where it is in neither place.
    """
    for root in (PACKAGE / "assets", PACKAGE.parent / "assets"):
        if (root / name).exists():
            return root / name
    raise DataError(f"{PACKAGE / 'assets' / name}: this installation lacks the built-in data; install multicnn again")
