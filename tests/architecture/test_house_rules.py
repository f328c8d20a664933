"""What holds for every file of the project."""

import re

from tests.architecture.sources import FILES, SOURCES, text_of

MAX_LINES = 200
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}

# Put together from parts, so that this file does not contain what it looks for.
SHORTCUTS = (
    "mock" + ".patch",
    "@" + "patch",
    "pytest.sk" + "ip",
    "mark.sk" + "ip",
    "pytest.xfa" + "il",
    "mark.xfa" + "il",
)
REGISTRY_HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com")


def test_no_python_file_is_longer_than_200_lines() -> None:
    lengths = {str(source): len(text_of(source).splitlines()) for source in SOURCES}

    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_every_module_is_named_for_what_it_holds() -> None:
    assert [str(source) for source in SOURCES if EMPTY_NAMES & {*source.with_suffix("").parts}] == []


def test_no_test_replaces_our_own_code_or_looks_away() -> None:
    tests = [source for source in SOURCES if source.parts[0] == "tests"]

    assert {str(s): word for s in tests for word in SHORTCUTS if word in text_of(s)} == {}


def test_no_file_names_a_package_registry() -> None:
    pattern = re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS))

    assert {str(name): hit[0] for name in FILES if (hit := pattern.search(text_of(name)))} == {}
