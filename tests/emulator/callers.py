"""Callers with narrow policies, and what AWS says to them."""

import json

import pytest
from botocore.exceptions import ClientError


def refusal(call, **parameters):
    """Return the code, the message and the HTTP status of the error that a call is answered with."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


def statement(effect, action, resource="*", **more):
    """Return a statement of a policy."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def user(aws, *statements):
    """Make an IAM user with a policy, and return its credentials for `aws.client`."""
    iam = aws.client("iam")
    iam.create_user(UserName="narrow")
    iam.put_user_policy(UserName="narrow", PolicyName="only", PolicyDocument=_document(*statements))
    key = iam.create_access_key(UserName="narrow")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def session(aws, *statements):
    """Make a role with a policy, assume it for a quarter of an hour, and return the session's credentials."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    role = iam.create_role(RoleName="Watcher", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    iam.put_role_policy(RoleName="Watcher", PolicyName="only", PolicyDocument=_document(*statements))
    made = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="night", DurationSeconds=900)
    return {
        "aws_access_key_id": made["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": made["Credentials"]["SecretAccessKey"],
        "aws_session_token": made["Credentials"]["SessionToken"],
    }


def _document(*statements):
    harmless = statement("Allow", "sts:GetSessionToken")
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements) or [harmless]})
