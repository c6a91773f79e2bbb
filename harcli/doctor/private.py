"""Text for a bug report: without the names of people and folders that error messages may hold."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path

from harcli.data_dir import STORE_VARIABLE
from harcli.models_dir import OWN_MODELS

_FOLDERS = re.compile(r"(?:~|\b[A-Za-z]:|(?<![\w.]))[/\\](?:[^\s/\\:;,'\"()]+[/\\])*")
"""The folders of an absolute path, up to its last name."""


def anonymous(text: str) -> str:
    """The text with `FOLDER/` for each absolute path's folders, and `USER` for whoever runs the program."""
    for folder in _own_folders():
        text = text.replace(folder + os.sep, "/").replace(folder, "/FOLDER")
    text = _FOLDERS.sub("FOLDER/", text)
    name = _user()
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "USER", text) if name else text


def _own_folders() -> list[str]:
    """Folders whose names may have blanks in them, the longest first."""
    named = (os.environ.get(STORE_VARIABLE), os.environ.get(OWN_MODELS))
    paths = [Path.home(), Path.cwd(), *(Path(each) for each in named if each)]
    folders = {str(each) for path in paths for each in (path, path.parent) if len(each.parts) > 1}
    return sorted(folders, key=len, reverse=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return ""
