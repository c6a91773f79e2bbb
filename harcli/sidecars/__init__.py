"""Records -> XMP sidecars beside photos, merged into what other programs wrote there."""
