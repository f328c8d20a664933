"""CloudWatch Logs' filter patterns: those for JSON, and terms as moto has them.

A pattern for JSON compares properties, as in `{ ($.eventName = "StartBackupJob") && ($.awsRegion != "eu-*") }`, with
`=`, `!=`, `&&`, `||` and parentheses; `*` in a value stands for any text. Comparing numbers is left out.
"""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from moto.logs.utils import EventMessageFilter

from sandbox.answer import Refused

Test = Callable[[Any], bool]

_TOKEN = re.compile(r'\s*(?:(&&|\|\||!=|=|\(|\))|"([^"]*)"|(\$[\w.\[\]]+)|([^\s()=!&|"]+))')


def to_test(pattern: str) -> Callable[[str], bool]:
    """Return what says of a log event's text whether it fits a filter pattern.

    Raises:
        Refused: The pattern is none.
    """
    text = pattern.strip()
    if not text.startswith("{"):
        terms = EventMessageFilter(text)
        return lambda message: bool(terms.matches(message))
    if not text.endswith("}"):
        raise _invalid(pattern)
    test = _Parser(text[1:-1]).parse()

    def fits(message: str) -> bool:
        try:
            return test(json.loads(message))
        except ValueError:
            return False

    return fits


def _invalid(pattern: str) -> Refused:
    return Refused("InvalidParameterException", f"Invalid filter pattern: {pattern}")


class _Parser:
    """A parser by descent: `||` binds less than `&&`, and that less than a comparison or a parenthesis."""

    def __init__(self, text: str) -> None:
        self._text, self._tokens = text, []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if not found:
                raise _invalid(text)
            self._tokens.append(found.groups())
            place = found.end()

    def parse(self) -> Test:
        """Return the test for the whole text."""
        test = self._either()
        if self._tokens:
            raise _invalid(self._text)
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("||"):
            tests.append(self._both())
        return lambda value: any(test(value) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("&&"):
            tests.append(self._one())
        return lambda value: all(test(value) for test in tests)

    def _one(self) -> Test:
        if self._take("("):
            test = self._either()
            if not self._take(")"):
                raise _invalid(self._text)
            return test
        if len(self._tokens) < 3:
            raise _invalid(self._text)
        (_, _, path, _), (operator, *_), (sign, quoted, _, bare) = (self._tokens.pop(0) for _ in range(3))
        wanted = bare if quoted is None else quoted
        if not path or operator not in {"=", "!="} or sign or wanted is None:
            raise _invalid(self._text)
        return lambda value: _is(_at(value, path), wanted) == (operator == "=")

    def _take(self, operator: str) -> bool:
        there = bool(self._tokens) and self._tokens[0][0] == operator
        if there:
            self._tokens.pop(0)
        return there


def _at(value: Any, path: str) -> Any:
    """Return what is at a path such as `$.userIdentity.type`, None where nothing is."""
    for name in path.split(".")[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _is(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    return value is not None and fnmatchcase(str(value), wanted.replace("[", "[[]"))
