"""The command line. It imports nothing heavy until a command runs."""

from multicnn.cli.main import main

__all__ = ["main"]
