"""The project's files as the architecture tests see them, and what each Python file imports."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
GENERATED = {"__pycache__", "node_modules", "build", "dist"}


def _names() -> list[Path]:
    """Return what git tracks or would track; in an unpacked archive, everything but what is generated."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0 and listing.stdout:
        return [Path(name) for name in listing.stdout.split("\0") if name]
    found = [path.relative_to(PROJECT) for path in PROJECT.rglob("*")]
    return [name for name in found if not any(part.startswith(".") or part in GENERATED for part in name.parts)]


FILES = tuple(sorted(name for name in set(_names()) if (PROJECT / name).is_file()))
SOURCES = tuple(name for name in FILES if name.suffix == ".py")


def text_of(name: Path) -> str:
    """Return a file's text, empty where it is not text."""
    try:
        return (PROJECT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def module_of(source: Path) -> str:
    """Return the dotted name by which a file is imported."""
    return ".".join(source.with_suffix("").parts).removesuffix(".__init__")


def imports_of(source: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(text_of(source))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module_of(source).split(".")
            up = node.level - (source.name == "__init__.py")
            base = ".".join(package[: len(package) - up]) if node.level else ""
            inside = ".".join(part for part in (base, node.module or "") if part)
            yield from (f"{inside}.{alias.name}" for alias in node.names)


def is_in(module: str, package: str) -> bool:
    """Return whether a dotted name is a package or something in it."""
    return module == package or module.startswith(f"{package}.")
