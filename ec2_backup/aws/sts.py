"""Step 3, first half: who AWS says we are."""

from ec2_backup.aws.session import call
from ec2_backup.model import Caller, Target


def get_caller_identity(target: Target) -> Caller:
    """Return the caller. Raises AuthenticationError; success proves credentials, never a permission.

    AWS answers GetCallerIdentity even under an explicit deny (AWS STS API reference).
    """
    answer = call("sts", "get_caller_identity", target, key="Arn")
    arn = str(answer["Arn"])
    return Caller(account=str(answer["Account"]), arn=arn, partition=arn.split(":")[1], region=target.region)
