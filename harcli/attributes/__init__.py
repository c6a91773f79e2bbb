"""The vocabulary: attribute names, groups and contradictions, the same for every data set, model and output."""

from harcli.attributes.exclusions import EXCLUSIONS, resolve_tags
from harcli.attributes.mapping import Rule, known, labels_for
from harcli.attributes.vocabulary import ATTRIBUTES, GROUPS, WIDER, Attribute, names_of

__all__ = ["ATTRIBUTES", "EXCLUSIONS", "GROUPS", "WIDER", "Attribute", "Rule", "known", "labels_for", "names_of"]
__all__ += ["resolve_tags"]
