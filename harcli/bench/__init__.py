"""How fast harcli is on this machine, what the machine could do, and what bounds it."""
