"""What SimulatePrincipalPolicy says beforehand of what the policies would allow."""

from tests.emulator.callers import refusal, statement, user

OPERATOR = "arn:aws:iam::123456789012:role/BackupOperator"


def test_a_simulation_says_what_each_action_would_meet(aws):
    """Checklist 40."""
    user(
        aws,
        statement("Allow", "backup:*"),
        statement("Deny", "backup:DeleteRecoveryPoint"),
        statement("Allow", "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}),
    )
    answer = aws.client("iam").simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::123456789012:user/narrow",
        ActionNames=["backup:StartBackupJob", "backup:DeleteRecoveryPoint", "ec2:DescribeInstances", "iam:PassRole"],
    )
    found = {one["EvalActionName"]: one for one in answer["EvaluationResults"]}

    assert {name: one["EvalDecision"] for name, one in found.items()} == {
        "backup:StartBackupJob": "allowed",
        "backup:DeleteRecoveryPoint": "explicitDeny",
        "ec2:DescribeInstances": "implicitDeny",
        "iam:PassRole": "implicitDeny",
    }
    assert found["iam:PassRole"]["MissingContextValues"] == ["iam:PassedToService"]


def test_a_simulation_takes_the_condition_keys_it_is_given(aws):
    user(
        aws,
        statement("Allow", "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}),
    )
    context = {"ContextKeyName": "iam:PassedToService", "ContextKeyType": "string"}

    def decision(service):
        return aws.client("iam").simulate_principal_policy(
            PolicySourceArn="arn:aws:iam::123456789012:user/narrow",
            ActionNames=["iam:PassRole"],
            ResourceArns=[aws.role],
            ContextEntries=[{**context, "ContextKeyValues": [service]}],
        )["EvaluationResults"][0]["EvalDecision"]

    assert decision("backup.amazonaws.com") == "allowed"
    assert decision("ec2.amazonaws.com") == "implicitDeny"


def test_a_simulation_knows_attached_policies_of_aws(aws):
    answer = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=aws.role, ActionNames=["ec2:CreateImage", "ec2:RunInstances", "ec2:TerminateInstances"]
    )

    decisions = [one["EvalDecision"] for one in answer["EvaluationResults"]]

    assert decisions[0] == "allowed"
    assert decisions[2] == "implicitDeny"


def test_a_simulation_refuses_the_arn_that_get_caller_identity_gives(aws):
    """Checklist 40."""
    arn = aws.client("sts").get_caller_identity()["Arn"]
    simulate = aws.client("iam").simulate_principal_policy

    code, _, status = refusal(simulate, PolicySourceArn=arn, ActionNames=["backup:StartBackupJob"])

    assert (code, status) == ("InvalidInput", 400)


def test_a_simulation_for_nobody_has_no_such_entity(aws):
    simulate = aws.client("iam").simulate_principal_policy
    nobody = "arn:aws:iam::123456789012:role/Nobody"

    found = refusal(simulate, PolicySourceArn=nobody, ActionNames=["backup:StartBackupJob"])

    assert found == ("NoSuchEntity", "Unable to retrieve specified IAM entity.", 404)


def test_a_simulation_comes_in_pages(aws):
    actions = [f"backup:Action{number}" for number in range(25)]
    pages = (
        aws.client("iam")
        .get_paginator("simulate_principal_policy")
        .paginate(PolicySourceArn=OPERATOR, ActionNames=actions, PaginationConfig={"PageSize": 10})
    )

    sizes = [len(page["EvaluationResults"]) for page in pages]

    assert sizes == [10, 10, 5]
