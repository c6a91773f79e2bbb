"""The one exception that a user is meant to read, and the one that nobody needs to."""


class HarcliError(Exception):
    """A mistake or an obstacle that the user can do something about.

    The message is one line: what was wrong, where, and what to do. The command line prints it to standard error and
    exits with 1; no traceback is shown.
    """

    several_lines = False
    """Whether line feeds in the message are meant, and not a part of some name."""

    option = ""
    """The option of the command line that has the wrong value, without its dashes; empty: that is not known."""


class ReaderGone(Exception):
    """Whoever read standard output has closed it, as `head` does. The command line ends without a word."""
