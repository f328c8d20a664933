"""The project's documents as a Markdown reader sees them: tables, code and links, without the prose between."""

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).parents[2]
README = PROJECT / "README.md"
CHANGELOG = PROJECT / "CHANGELOG.md"
DOCUMENTS = tuple(sorted([README, CHANGELOG, *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("deployments/**/*.md")]))

_READER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text without marks, and what stands in it as code or as the target of a link."""

    text: str
    code: tuple[str, ...]
    links: tuple[str, ...]


Row = dict[str, Cell]


def table(document: Path, *columns: str) -> list[Row]:
    """Return the rows of the one table that has all these columns."""
    (found,) = [rows for rows in tables(document) if rows and set(columns) <= rows[0].keys()]
    return found


def tables(document: Path) -> list[list[Row]]:
    """Return every table as rows of cells by the heading of their column."""
    found: list[list[list[Cell]]] = []
    tokens = tokens_of(document)
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in {"th_open", "td_open"}:
            found[-1][-1].append(_cell(tokens[place + 1]))
    return [[dict(zip([cell.text for cell in head], row, strict=True)) for row in rows] for head, *rows in found]


def blocks(document: Path, language: str | None = None) -> list[str]:
    """Return the contents of the fenced blocks, all or those of a language."""
    return [token.content for token in tokens_of(document) if token.type == "fence" and language in {None, token.info}]


def code_spans(document: Path) -> list[str]:
    """Return everything that stands between backticks in the prose and in the tables."""
    return [one.content for one in _inline(tokens_of(document)) if one.type == "code_inline"]


def links(document: Path) -> list[str]:
    """Return the targets of all links and images."""
    targets = [one.attrGet("href") or one.attrGet("src") for one in _inline(tokens_of(document))]
    return [str(target) for target in targets if target]


def tokens_of(document: Path) -> list[Token]:
    """Return what the Markdown reader makes of a document."""
    return _READER.parse(document.read_text(encoding="utf-8"))


def _inline(tokens: list[Token]) -> list[Token]:
    return [part for token in tokens for part in token.children or ()]


def _cell(token: Token) -> Cell:
    parts = token.children or []
    return Cell(
        text="".join(part.content for part in parts),
        code=tuple(part.content for part in parts if part.type == "code_inline"),
        links=tuple(str(part.attrGet("href")) for part in parts if part.type == "link_open"),
    )
