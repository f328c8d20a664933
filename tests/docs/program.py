"""What the program says of itself in its source: its tasks, its AWS calls and its messages."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import botocore.exceptions

from tests.architecture.sources import SOURCES
from tests.docs.markdown import PROJECT

GAP = "…"  # stands in a message for whatever the program puts there


def tasks_in(file: Path) -> dict[str, str]:
    """Return the Prefect names of a file's tasks by the names of their functions."""
    return {
        function.name: str(keyword.value.value)
        for function in ast.walk(_tree(file))
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and _name(decorator.func) == "task"
        for keyword in decorator.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }


def names_used_in(file: Path) -> list[str]:
    """Return the names that a file's functions read, in the order in which they stand there."""
    names = [node for node in ast.walk(_tree(file)) if isinstance(node, ast.Name)]
    return [node.id for node in sorted(names, key=lambda node: (node.lineno, node.col_offset))]


def aws_calls(folder: str = ".") -> set[str]:
    """Return every AWS operation that a backup calls, such as `backup:StartBackupJob`, or a `setup`."""
    return {
        f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"
        for file in sorted((PROJECT / "ec2_backup" / "aws" / folder).glob("*.py"))
        for service, operation in _calls_in(file)
    }


def _calls_in(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Call):
            words = [one.value for one in node.args[:2] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if _name(node.func) in {"call", "pages"} and len(words) == 2:
                yield words[0], words[1]
            elif _name(node.func) in {"by_filter", "by_id"} and words:  # EC2's, which take the operation alone
                yield "ec2", words[0]


def messages() -> list[str]:
    """Return every text of the program, of its sandbox and of botocore's errors, with a gap where something is put."""
    own = [PROJECT / name for name in SOURCES if name.parts[0] in {"ec2_backup", "deployments", "sandbox"}]
    files = [*own, Path(botocore.exceptions.__file__)]
    constants = {name: value for file in own for name, value in _constants_in(file)}
    return [text for file in files for text in _texts_in(file, constants)]


def _constants_in(file: Path) -> Iterator[tuple[str, str]]:
    for node in _tree(file).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield node.targets[0].id, value.value


def _texts_in(file: Path, constants: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(_part(part, constants) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _part(part: ast.expr, constants: Mapping[str, str]) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    match value:
        case ast.BoolOp(values=[*_, ast.Constant(value=str(last))]) | ast.IfExp(orelse=ast.Constant(value=str(last))):
            return last  # the text for the usual case, as in `{len(missing) or 'no'}`
    return constants.get(_name(value), GAP)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
