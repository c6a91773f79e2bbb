"""Records to files: `.csv` and `.json`. docs/columns.md describes both."""

from harcli.outputs.sink import ENDINGS, Sink, open_sink

__all__ = ["ENDINGS", "Sink", "open_sink"]
