"""How instances are shared out among the verdicts of a run, or among other kinds, as the arcs of a ring."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Kind = TypeVar("Kind", bound=StrEnum)

THINNEST = 1.0


@dataclass(frozen=True, slots=True)
class Arc(Generic[Kind]):
    """One verdict's part of the ring: `start` and `length` are percent of its circumference, from the top clockwise.

    `share` is the true fraction; the arc of a very small one is drawn longer, so that it can be seen.
    """

    verdict: Kind
    count: int
    share: float
    start: float
    length: float


def to_arcs(counts: Mapping[Kind, int]) -> tuple[Arc[Kind], ...]:
    """Return an arc for each verdict that any instance has, in the order given; together they are the whole ring."""
    total = sum(counts.values())
    present = [(verdict, number) for verdict, number in counts.items() if number]
    drawn = [max(THINNEST, number / total * 100) for _, number in present]
    arcs: list[Arc[Kind]] = []
    start = 0.0
    for (verdict, number), wished in zip(present, drawn, strict=True):
        length = wished / sum(drawn) * 100
        arcs.append(Arc(verdict, number, number / total, start, length))
        start += length
    return tuple(arcs)
