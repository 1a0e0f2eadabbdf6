"""The endings of files that hold pictures, volumes and films."""

JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
NETPBM = (".pbm", ".pgm", ".ppm", ".pnm")
PICTURES = (*JPEG, *NETPBM, ".png", ".gif", ".webp", ".avif", ".bmp", ".dib", ".tif", ".tiff", ".tga")
ARRAYS = (".npy", ".npz")  # pictures or volumes, by their shapes
NIFTI = (".nii", ".nii.gz")
FILMS = (".mp4", ".avi", ".webm", ".mov", ".mkv", ".m4v", ".mpg", ".mpeg")
SUFFIXES = frozenset((*PICTURES, *ARRAYS, *NIFTI, *FILMS))
