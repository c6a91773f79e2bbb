"""Tagging over HTTP: `harcli serve`."""
