"""The processes of a trial: what they and their children hold in memory, and their end by a power cut."""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self

EVERY = 2.0  # seconds


def family(pid: int) -> list[int]:
    """Return a process, its children, their children and so on, whatever session they are in."""
    pairs = [(child, parent) for child, parent, _ in _processes()]
    found = [pid]
    for one in found:
        found += [child for child, parent in pairs if parent == one]
    return found


def cut_power(process: "subprocess.Popen[bytes]") -> int:
    """Kill a process and all that it has started, so that none of them can say anything; return how many there were."""
    pids = family(process.pid)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    return len(pids)


@dataclass(slots=True)
class Memory:
    """The most that each of some processes held with all its children, in MB, and the most that any child held."""

    roots: Mapping[str, int]
    together: dict[str, float] = field(default_factory=dict)
    largest: dict[str, float] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._over.set()
        if self._thread:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            listing = _processes()
            for name, pid in self.roots.items():
                held = _held(pid, listing)
                self.together[name] = max(self.together.get(name, 0.0), sum(held))
                self.largest[name] = max(self.largest.get(name, 0.0), *held, 0.0)


def _held(pid: int, listing: Iterable[tuple[int, int, float]]) -> list[float]:
    children: dict[int, list[int]] = {}
    sizes = {}
    for child, parent, size in listing:
        children.setdefault(parent, []).append(child)
        sizes[child] = size
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return [sizes[one] for one in found if one in sizes]


def _processes() -> list[tuple[int, int, float]]:
    """Return the id, the parent and the resident megabytes of every process."""
    listing = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    return [(int(pid), int(parent), int(size) / 1024) for pid, parent, size in map(str.split, listing.splitlines())]
