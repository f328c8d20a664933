"""GitHub-flavoured Markdown, which Prefect's artifacts are written in: texts from outside stay texts.

A name or a message may hold anything. Escaped, it can open no table cell, link, emphasis, code, HTML or heading.
"""

import re
from collections.abc import Iterable, Sequence

from ec2_backup.lines import one_line

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#@]")
_LIST_OR_RULE = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")  # begins a list item or an underlined heading
_BARE_LINK = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)  # becomes a link without any brackets


def escape(text: str) -> str:
    """Return the text as one line of Markdown that shows just these characters."""
    escaped = _BARE_LINK.sub(_backslashed, _SPECIAL.sub(_backslashed, one_line(text)))
    return _LIST_OR_RULE.sub(_defused, escaped)


def code(text: str) -> str:
    """Return the text as code, for names that people copy; fenced so that its own backticks cannot end it."""
    line = one_line(text)
    if not line or "|" in line:  # a table cell ends at a pipe even inside code
        return escape(line)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence, space = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{space}{line}{space}{fence}"


def link(text: str, url: str) -> str:
    """Return a link that shows the text; `url` must be percent-encoded."""
    return f"[{escape(text)}]({url})"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; the cells must be escaped already."""
    return [_line(headings), _line(["---"] * len(headings)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _backslashed(match: re.Match[str]) -> str:
    return "\\" + match.group()


def _defused(match: re.Match[str]) -> str:
    found = match.group()
    return f"{found}\\" if found.isdigit() else f"\\{found}"
