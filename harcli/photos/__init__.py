"""Find photo files, decode them to RGB, cut and resize crops."""
