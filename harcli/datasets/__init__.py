"""Data sets in their published layouts, a file each; `load` gives the samples of several."""

from harcli.datasets.load import DATASETS, boxed, dataset, labels_of, load, own_attributes, read_boxes, with_boxes
from harcli.datasets.sample import Sample

__all__ = ["DATASETS", "Sample", "boxed", "dataset", "labels_of", "load", "own_attributes", "read_boxes", "with_boxes"]
