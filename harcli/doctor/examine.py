"""All checks, one after the other; none that breaks down hides the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harcli.doctor import machine, models, packages, providers, store
from harcli.doctor.check import BROKEN, Check
from harcli.doctor.private import anonymous

_LOOKS: tuple[Callable[[], Check | Iterable[Check]], ...] = (
    machine.system,
    machine.processor,
    machine.memory,
    machine.gpu,
    packages.python,
    packages.packages,
    providers.onnx_runtime,
    providers.all_providers,
    models.built_in,
    models.own,
    store.store,
    packages.extras,
)


def examine(more: Iterable[Callable[[], Check]] = ()) -> Iterator[Check]:
    """Each check as it is done; some take a second.

    Args:
        more: looks of the caller's, which come last.
    """
    for look in (*_LOOKS, *more):
        try:
            found = look()
            yield from [found] if isinstance(found, Check) else found
        except Exception as error:  # the doctor is asked when something is wrong, whatever that may be
            name = f"{look.__module__.rpartition('.')[2]}: {look.__name__.replace('_', ' ')}"
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
            yield Check(name, f"cannot be looked at ({reason})", {"failed": anonymous(reason)}, BROKEN)


def as_json(checks: Iterable[Check]) -> dict[str, Any]:
    """All checks for a bug report: nobody's name, no paths."""
    rows = list(checks)
    return {
        "format": 1,
        "broken": sum(check.state == BROKEN for check in rows),
        "checks": [
            {
                **{"name": check.name, "state": check.state},
                **dict(check.facts),
                **({"why": anonymous(check.text)} if check.state == BROKEN else {}),
            }
            for check in rows
        ],
    }
