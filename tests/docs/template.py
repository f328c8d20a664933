"""A CloudFormation template as a stack would have it: its parameters, conditions and substitutions carried out."""

import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML, SafeConstructor
from ruamel.yaml.nodes import Node, ScalarNode

NOTHING = object()


class ShortForms(SafeConstructor):
    """YAML with CloudFormation's short forms: `!Ref X` is read as `{"!Ref": "X"}`."""

    def short_form(self, name: str, node: Node) -> dict[str, Any]:
        """Return a function and its argument."""
        scalar = isinstance(node, ScalarNode)
        return {f"!{name}": self.construct_scalar(node) if scalar else self.construct_sequence(node, deep=True)}


ShortForms.add_multi_constructor("!", ShortForms.short_form)


def read_template(text: str) -> dict[str, Any]:
    """Return a template as it is written."""
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = ShortForms
    template: dict[str, Any] = reader.load(text)
    return template


def resolved(text: str, account: str, region: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the properties of each resource that a stack with these parameters has; a Ref to one is its name."""
    template = read_template(text)
    values = {name: one["Default"] for name, one in template["Parameters"].items()} | dict(parameters)
    assert set(values) == set(template["Parameters"])
    values |= {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": "aws"}
    stack = _Stack(values, template["Conditions"], template["Resources"])
    return {
        name: stack.value(resource["Properties"])
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or stack.holds(resource["Condition"])
    }


class _Stack:
    def __init__(self, values: Mapping[str, str], conditions: Mapping[str, Any], resources: Mapping[str, Any]) -> None:
        self._values, self._conditions, self._resources = values, conditions, resources

    def holds(self, name: str) -> bool:
        return bool(self.value(self._conditions[name]))

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self.value, node) if value is not NOTHING]
        if not isinstance(node, dict):
            return node
        ((name, argument), *others) = node.items()
        if name.startswith("!"):
            assert not others
            return self._function(name, argument)
        return {key: self.value(one) for key, one in node.items()}

    def _function(self, name: str, argument: Any) -> Any:
        match name:
            case "!Ref":
                return NOTHING if argument == "AWS::NoValue" else self._reference(argument)
            case "!Sub":
                text, more = argument if isinstance(argument, list) else (argument, {})
                local = {key: self.value(one) for key, one in more.items()}
                return re.sub(r"\$\{([\w:]+)\}", lambda hit: local.get(hit[1]) or self._reference(hit[1]), text)
            case "!GetAtt":
                return self._attribute(*argument.split("."))
            case "!If":
                condition, then, otherwise = argument
                return self.value(then if self.holds(condition) else otherwise)
            case "!Equals":
                first, second = map(self.value, argument)
                return first == second
            case "!Not":
                return not self.value(argument[0])
        raise AssertionError(f"no such function: {name}")

    def _reference(self, name: str) -> str:
        if name in self._resources:
            return name
        return self._values[name]

    def _attribute(self, resource: str, attribute: str) -> str:
        properties = self._resources[resource]["Properties"]
        if attribute == "Arn" and "RoleName" in properties:
            path, name = self.value(properties.get("Path", "/")), self.value(properties["RoleName"])
            return f"arn:{self._values['AWS::Partition']}:iam::{self._values['AWS::AccountId']}:role{path}{name}"
        return f"{resource}.{attribute}"
