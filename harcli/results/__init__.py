"""What a run results in: records, what they were made with, and the file that keeps both to be asked later."""

from harcli.results.info import RunInfo
from harcli.results.record import TOO_SMALL, Box, Record, Seen

__all__ = ["TOO_SMALL", "Box", "Record", "RunInfo", "Seen"]
