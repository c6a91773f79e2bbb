"""Videos: frames at a few a second, and people followed through them. Decoding is PyAV's, following `trackers`'."""

from harcli.video.installed import NEEDED, is_video, video_installed

__all__ = ["NEEDED", "is_video", "video_installed"]
