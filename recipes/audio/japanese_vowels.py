"""Nine men say two vowels in a row, who is it? JapaneseVowels with the default settings.

    python recipes/audio/japanese_vowels.py DATA --seeds 5

DATA: the folder of `JapaneseVowels_TRAIN.ts` and `JapaneseVowels_TEST.ts`, as aeon's wheel has it at
aeon/datasets/data/JapaneseVowels (pip download aeon==1.6.0 --no-deps, unzip), or from
timeseriesclassification.com. The official split; 270 series of 12 channels (cepstra) and 7 to 29 steps to learn
from, 370 to test.
Deviation: over the seeds, of which each deals another validation part from the training part.

Measured on one of 2 busy cores with AVX512-BF16, no GPU, seeds 0 to 4: 98.59 +- 0.12 %; summaries + logistic
regression 98.86 +- 0.48 %, so the network is no better here; 72 processor seconds in all, 15 a seed. Network and
augmentation were chosen on folds of the training part (LOG.md).
"""

from basic_motions import main

if __name__ == "__main__":
    main("JapaneseVowels", __doc__)
