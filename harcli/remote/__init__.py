"""Photos and results elsewhere: in buckets and on servers, by URL, through fsspec."""
