"""python -m multicnn."""

from multicnn.cli import main

if __name__ == "__main__":
    main()
