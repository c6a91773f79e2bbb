"""What files and folders are by their names, where folders are searched for photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePath

PHOTO_ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif"}
    | {".mpo", ".insp", ".apng"}  # JPEGs of several views, of both lenses of a camera; PNGs that move
    | {".heic", ".heif", ".hif", ".avif"}
)
"""What is taken from folders, by the name's ending in any case; a file that is named itself is always taken."""

RAW_ENDINGS = frozenset(
    {".3fr", ".ari", ".arw", ".bay", ".cap", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".eip", ".erf", ".fff", ".gpr"}
    | {".iiq", ".k25", ".kdc", ".mdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".ori", ".pef", ".ptx", ".raf"}
    | {".raw", ".rw2", ".rwl", ".rwz", ".sr2", ".srf", ".srw", ".x3f"}
)
"""What cameras store before it becomes a picture."""

_OTHER_PICTURES = frozenset(
    {".jxl", ".jp2", ".j2k", ".jpf", ".jpx", ".jpm", ".jxr", ".wdp", ".hdp", ".jxs", ".psd", ".psb", ".xcf", ".kra"}
    | {".heics", ".heifs", ".avifs", ".avcs", ".avci", ".bpg", ".flif", ".qoi", ".exr", ".hdr", ".tga", ".pcx", ".ico"}
    | {".pbm", ".pgm", ".ppm", ".pnm", ".pam", ".pfm", ".sgi", ".ras", ".dcm", ".dds", ".pcd", ".jps"}
    | {
        ".svg",
        ".eps",
        ".ai",
        ".cdr",
        ".emf",
        ".wmf",
        ".fits",
        ".fit",
        ".icns",
        ".cur",
        ".xbm",
        ".xpm",
        ".pict",
    }
)
VIDEO_ENDINGS = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi"})
"""Videos that are taken from folders, where they can be read."""

ANY_VIDEO_ENDINGS = frozenset(
    {".mp4", ".m4v", ".mov", ".qt", ".avi", ".mkv", ".webm", ".wmv", ".asf", ".flv", ".f4v", ".mpg", ".mpeg", ".mpe"}
    | {".m2v", ".mts", ".m2ts", ".m2t", ".vob", ".3gp", ".3g2", ".ogv", ".ogm", ".rm", ".rmvb", ".dv", ".divx"}
    | {".insv", ".360", ".braw", ".r3d", ".crm", ".mxf", ".lrv", ".mjpeg", ".mjpg", ".hevc", ".h264", ".h265", ".tod"}
)


def endings_of(*, raw: bool, videos: bool) -> frozenset[str]:
    """What is taken from folders."""
    return PHOTO_ENDINGS | (RAW_ENDINGS if raw else frozenset()) | (VIDEO_ENDINGS if videos else frozenset())


# What belongs to a photo beside it, or to the system: nobody misses it.
_COMPANIONS = frozenset({".xmp", ".aae", ".pp3", ".dop", ".cos", ".on1", ".arp", ".nksc", ".thm", ".vrd", ".dr4"})
_COMPANION_NAMES = frozenset({"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini", "icon\r"})

UNREAD = "photos of kinds that harcli does not read"
VIDEOS = "videos"
LIVE_VIDEOS = "videos of Live Photos"
OTHERS = "other files"
BINS = "recycle bins and previews"
HIDDEN = "hidden files and folders"
NOWHERE = "links that lead nowhere"

LeftOut = Mapping[str, Counter[str]]
"""How many files and folders were left out: by one of the kinds above, then by ending or, for folders, by name."""

_BIN_NAMES = frozenset(
    {"#recycle", "@recycle", "$recycle.bin", "recycler", "recycled", "network trash folder", ".trash", ".trashes"}
    | {".dtrash", ".recycle", "system volume information", "temporary items", ".temporaryitems"}
    | {"recycle bin", "trashbox", "~snapshot", "ipod photo cache"}
    | {"@eadir", "@recently-snapshot", "#snapshot", ".snapshot", "@__thumb", ".@__thumb", "@tmp", "__macosx"}
    | {"files_trashbin", "@transcode", "@sharebin", ".recycle.bin", ".stversions", ".bridgecache"}
    | {".thumbnails", ".thumbs", ".picasaoriginals", ".appledouble", ".photoprism", ".dthumb", ".zbthumbnails"}
)
_BIN_ENDINGS = (".lrdata", ".lrprev", ".cocatalogdb")
_LIBRARIES = (".photoslibrary", ".photolibrary", ".aplibrary", ".migratedphotolibrary")
_ORIGINALS = frozenset({"originals", "masters"})


def is_bin(folder: PurePath) -> bool:
    """Whether a folder holds what was thrown away, or small copies of other photos, by its name."""
    name = folder.name.casefold()
    if name in _BIN_NAMES or name.startswith(".trash-") or name.endswith(_BIN_ENDINGS):
        return True
    # Apple's libraries are folders that have the photos in one of their folders, and copies of them in others.
    return folder.parent.name.casefold().endswith(_LIBRARIES) and name not in _ORIGINALS


def kind_left_out(file: PurePath) -> str:
    """The kind of a file that is no photo harcli takes; empty if nobody misses it."""
    ending = file.suffix.lower()
    if ending in RAW_ENDINGS or ending in _OTHER_PICTURES:
        return UNREAD
    if ending in ANY_VIDEO_ENDINGS:
        return VIDEOS
    return "" if ending in _COMPANIONS or file.name.lower() in _COMPANION_NAMES else OTHERS
