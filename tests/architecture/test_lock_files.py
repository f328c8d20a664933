"""The three lock files agree with each other and keep away from the versions that break Prefect."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import PROJECT, text_of

LOCKS = ("requirements.lock", "requirements-sandbox.lock", "requirements-test.lock")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)(\[[^]]*\])?==(?P<version>[^ ;\\]+)(?P<rest>.*)$", re.MULTILINE)


def _versions(lock: str) -> dict[str, tuple[str, ...]]:
    """Return each package's versions: it has several where they depend on the Python or the system."""
    found: dict[str, tuple[str, ...]] = {}
    for pin in PIN.finditer(text_of(Path(lock))):
        found[pin["name"]] = (*found.get(pin["name"], ()), pin["version"])
    return found


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


@pytest.mark.parametrize("lock", LOCKS)
def test_versions_that_break_prefect_are_kept_out(lock: str) -> None:
    versions = {name: [_release(version) for version in of] for name, of in _versions(lock).items()}

    assert all((3, 8, 8) <= version < (3, 9) for version in versions["prefect"])
    assert all(version < (0, 151) for version in versions["fastapi"])
    assert all((2, 0) <= version < (2, 1) for version in versions["sqlalchemy"])


@pytest.mark.parametrize(("narrow", "wide"), [(LOCKS[0], LOCKS[1]), (LOCKS[1], LOCKS[2])])
def test_each_lock_holds_the_one_before_at_the_same_versions(narrow: str, wide: str) -> None:
    assert _versions(narrow).items() <= _versions(wide).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash(lock: str) -> None:
    requirements = re.sub(r"\\\n", " ", (PROJECT / lock).read_text(encoding="utf-8")).splitlines()
    pinned = [line for line in requirements if line.strip() and not line.lstrip().startswith("#")]

    assert len(pinned) > 50
    assert [line.split()[0] for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []
