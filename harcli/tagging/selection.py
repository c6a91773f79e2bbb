"""Which attributes a run leaves out."""

from __future__ import annotations

from collections.abc import Iterable

from harcli.attributes import ATTRIBUTES
from harcli.errors import HarcliError
from harcli.recognition.metadata import ModelMetadata


def left_out(words: Iterable[str], metadata: ModelMetadata) -> set[str]:
    """The model's attributes that `words` name, by themselves or by their group.

    A word of the vocabulary that the model does not know leaves nothing out, so that `sex,age` serves with any model.

    Raises:
        HarcliError: a word is neither an attribute nor a group, of the model or of the vocabulary.
    """
    groups = dict(zip(metadata.names, metadata.groups, strict=True))
    known = {*ATTRIBUTES, *(attribute.group for attribute in ATTRIBUTES.values()), *groups, *groups.values()}
    words = set(words)
    if unknown := sorted(words - known):
        raise HarcliError(
            f"no attribute or group {', '.join(unknown)}; groups: {', '.join(dict.fromkeys(groups.values()))}; "
            f"attributes: {', '.join(groups)}"
        )
    return {name for name, group in groups.items() if name in words or group in words}
