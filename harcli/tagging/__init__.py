"""The main job: photos, to people, to attributes, to records."""
