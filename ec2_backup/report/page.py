"""What the program's HTML pages have in common: one file that needs nothing else, and what may stand in it.

Whatever comes from outside (names, messages, parameters) is escaped by Jinja2, and made one printable line before. As
a second line of defence the page's own policy lets no script run but the one that it was written with.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ec2_backup.lines import one_line
from ec2_backup.report import units
from ec2_backup.report.bad_lines import in_short

_POLICY = "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
_TEMPLATES = Path(__file__).parent / "templates"


def new_environment(more: Mapping[str, object]) -> Environment:
    """Return what renders the templates, with `more` that they may name beside the values of one page."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.globals |= more
    environment.filters |= {
        "count": units.count,
        "duration": units.duration,
        "key": _key_name,
        "in_short": in_short,
        "percentage": units.percentage,
        "shown": _shown,
        "size": units.size,
        "time": _time,
    }
    return environment


def source(*names: str) -> Markup:
    """Return a page's own style or script, of one or several files, which has no part that comes from outside."""
    return Markup("").join(Markup((_TEMPLATES / f"{name}.j2").read_text(encoding="utf-8")) for name in names)  # noqa: S704 - files of this package


def policy(style: str, script: str) -> str:
    """Return the Content Security Policy of a page that may have this style and this script alone."""
    return _POLICY.format(style=_hash(style), script=_hash(script))


def web_address(text: str) -> str:
    """Return an address that a browser may be sent to, empty where the text is something else."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc else ""


def _printable(value: object) -> object:
    # What is printable stays as it is: the templates' own words begin and end with spaces.
    if isinstance(value, Markup) or not isinstance(value, str) or value.isprintable():
        return value
    return one_line(value)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _hash(text: str) -> str:
    """Return a source's name in a Content Security Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _key_name(arn: str) -> str:
    """Return the last part of a key's ARN, a UUID by its first eight characters: the table of keys has the rest."""
    name = arn.rpartition("/")[2]
    return name[:8] if len(name) == 36 else name


def _time(moment: datetime, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return f"{moment.astimezone(UTC):{form}}"
