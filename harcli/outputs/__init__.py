"""Records to tables of many forms. docs/columns.md describes them all."""

from harcli.outputs.options import FORMATS, STANDARD_OUTPUT, OptionsError, OutputOptions, check_output, fitting
from harcli.outputs.paths import PATH_STYLES, path_styler
from harcli.outputs.sink import Sink, open_output

__all__ = [
    "FORMATS",
    "PATH_STYLES",
    "STANDARD_OUTPUT",
    "OptionsError",
    "OutputOptions",
    "Sink",
    "check_output",
    "fitting",
    "open_output",
    "path_styler",
]
