"""One line of text, whatever AWS, a tag or a CSV put into it.

Names and messages come from outside. A line break or an escape sequence in one of them must neither forge a line
of the log, nor colour the terminal, nor break a table.
"""


def one_line(text: str) -> str:
    """Return the text as a single printable line: line breaks become spaces, other control characters escapes."""
    return " ".join(line.strip() for line in printable_lines(text) if line.strip())


def printable_lines(text: str) -> list[str]:
    """Return the printable lines of a text, at least one; `str.splitlines` says what ends a line."""
    return [_printable(line) for line in text.splitlines()] or [""]


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(map(_visible, line))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "  # a tab, or one of Unicode's other spaces
    return character.encode("unicode_escape").decode("ascii")
