"""Which files are sounds, by the ends of their names."""

WAV = (".wav", ".wave", ".w64", ".rf64", ".bwf")
LOSSLESS = (".flac", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf")
LOSSY = (".mp3", ".ogg", ".oga", ".opus")
UNDECODED = (
    ".m4a",
    ".aac",
    ".wma",
    ".mka",
    ".amr",
    ".wv",
    ".ape",
)  # named, so that they are not passed over in silence
SUFFIXES = frozenset((*WAV, *LOSSLESS, *LOSSY, *UNDECODED))
