"""The endings of picture files."""

JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
NETPBM = (".pbm", ".pgm", ".ppm", ".pnm")
SUFFIXES = frozenset((*JPEG, *NETPBM, ".png", ".gif", ".webp", ".avif", ".bmp", ".dib", ".tif", ".tiff", ".tga"))
