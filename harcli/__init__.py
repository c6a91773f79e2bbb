"""harcli finds the people in photos and tags each with attributes."""

__version__ = "0.1.0"
