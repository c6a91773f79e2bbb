"""From photos to person boxes."""

from harcli.people.detection import Detection, PersonDetector
from harcli.people.load import load_detector
from harcli.people.whole_image import WholeImage

__all__ = ["Detection", "PersonDetector", "WholeImage", "load_detector"]
