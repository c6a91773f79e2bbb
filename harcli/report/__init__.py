"""Results as a page for the browser: people, their tags and probabilities, filters, thresholds. docs/report.md."""

from harcli.report.write import Summary, write_report

__all__ = ["Summary", "write_report"]
