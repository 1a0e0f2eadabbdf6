"""Which files are sounds, by the ends of their names."""

WAV = (".wav", ".wave", ".w64", ".rf64", ".bwf")
LOSSLESS = (".flac", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf")
LOSSY = (".mp3", ".ogg", ".oga", ".opus")
CODED = (
    ".m4a",
    ".m4b",
    ".mp4",
    ".aac",
    ".3gp",
    ".webm",
    ".mka",
    ".wma",
    ".ac3",
    ".amr",
    ".wv",
    ".ape",
)  # by torchcodec
SUFFIXES = frozenset((*WAV, *LOSSLESS, *LOSSY, *CODED))
