"""The vocabulary: attribute names, groups and contradictions, the same for every data set, model and output."""

from harcli.attributes.exclusions import EXCLUSIONS, resolve_tags
from harcli.attributes.mapping import UNKNOWN, UNSEEN, Rule, known, labels_for
from harcli.attributes.vocabulary import ATTRIBUTES, COLOURS, GROUPS, HAIR_COLOURS, WIDER, Attribute, names_of

__all__ = ["ATTRIBUTES", "COLOURS", "EXCLUSIONS", "GROUPS", "HAIR_COLOURS", "UNKNOWN", "UNSEEN", "WIDER"]
__all__ += ["Attribute", "Rule", "known", "labels_for", "names_of", "resolve_tags"]
