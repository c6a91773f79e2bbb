"""Videos: frames at a few a second, and people followed through them. Decoding is PyAV's, following `trackers`'."""

from harcli.video.installed import NEEDED, check_no_video, is_video, video_installed

__all__ = ["NEEDED", "check_no_video", "is_video", "video_installed"]
