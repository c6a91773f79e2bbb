"""The commands. Only these rooms print."""
