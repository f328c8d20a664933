"""Text of every colour can be read on every ground that it stands on (WCAG 2.2, contrast of at least 4.5 to 1)."""

import re
from itertools import product

import pytest

from ec2_backup.report.html import to_html
from tests.unit.pages import Page
from tests.unit.reports import a_report, proven

STYLE = Page(to_html(a_report(proven(1)))).one("style").text
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)
)
INKS = ("text", "quiet", "link", "proven", "failed", "running", "planned", "not-started")
GROUNDS = ("page", "card", "hover")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_ink_is_readable_on_every_ground(theme):
    pairs = [*product(INKS, GROUNDS), ("text", "code")]

    assert {
        pair: contrast(theme[pair[0]], theme[pair[1]])
        for pair in pairs
        if contrast(theme[pair[0]], theme[pair[1]]) < 4.5
    } == {}


def test_dark_is_for_screens_that_ask_for_it_and_never_for_paper():
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE
    assert LIGHT.keys() == DARK.keys()
