"""Russian jokes and sayings of 13 topics with the default settings: a network beside two linear learners.

    python recipes/text/fortunes_ru.py DATA --seeds 1

DATA: the folder of the Debian package fortunes-ru, /usr/share/games/fortunes/ru. The 13 files with most texts, 7,870 in
all; 15 % to test and 15 % to choose the epoch by, dealt by class with the seed; texts of the same words stay in one
part. There is no official split.

Measured on TODO
"""

from newsgroups20 import main

if __name__ == "__main__":
    main("fortunes-ru", __doc__)
