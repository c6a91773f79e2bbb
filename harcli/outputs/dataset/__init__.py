"""Records to a folder of Parquet files, at a path or a URL, that later runs and other machines add to."""
