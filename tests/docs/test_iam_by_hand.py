"""What is typed by hand, of policies and profiles, names what the files of deployments/iam name."""

import json
import re

from tests.docs.markdown import PROJECT, blocks

IAM = PROJECT / "deployments" / "iam"


def text_of(name: str) -> str:
    return (IAM / name).read_text(encoding="utf-8")


def test_the_example_with_envsubst_gives_every_placeholder_a_value():
    lines = re.findall(r"^export (.*)$", text_of("README.md"), re.MULTILINE)
    exported = re.findall(r"\b(\w+)=\S", " ".join(lines))

    assert set(exported) == set(re.findall(r"\$\{(\w+)\}", text_of("caller-policy.json")))


def test_the_example_of_a_profile_assumes_the_role_that_the_templates_make():
    (profile,) = blocks(IAM / "README.md", "ini")
    (made,) = re.findall(r"CrossAccountRoleName:.*?Default: (\S+)", text_of("template.yaml"), re.DOTALL)

    assert re.findall(r":role/(\S+)", profile) == [made]


def test_the_statement_for_a_list_of_accounts_in_s3_is_the_one_for_a_list_of_instances_with_another_object():
    (told,) = blocks(PROJECT / "docs" / "accounts.md", "json")
    (own,) = [one for one in json.loads(text_of("caller-policy.json"))["Statement"] if one["Sid"] == "ReadTheList"]
    differing = {"Sid": "ReadTheAccounts", "Resource": "arn:aws:s3:::bucket/accounts.csv"}

    assert json.loads(told) == own | differing
