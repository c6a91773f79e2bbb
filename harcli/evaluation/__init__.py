"""Metrics in numpy, each with its convention named."""
