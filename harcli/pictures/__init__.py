"""Records and photos -> pictures: boxes and tags drawn on a photo, crops of people."""
