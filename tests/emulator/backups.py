"""Backups that are there, and what is made of them: restores and copies."""

import json

from sandbox.clock import CLOCK


def backed_up(aws, instance_id="", **parameters):
    """Back an instance up, and return the ARN of its recovery point."""
    return aws.finished(instance_id or aws.web, **parameters)["RecoveryPointArn"]


def metadata_of(aws, arn, vault=""):
    """Return the restore metadata of a recovery point."""
    said = aws.backup.get_recovery_point_restore_metadata(BackupVaultName=vault or aws.vault, RecoveryPointArn=arn)
    return said["RestoreMetadata"]


def usual(aws, arn, **changes):
    """Return metadata that work: a subnet, its groups and the type, as they were backed up, but for the changes."""
    metadata = metadata_of(aws, arn)
    kept = {name: metadata[name] for name in ("SubnetId", "SecurityGroupIds", "InstanceType")}
    return {name: value for name, value in (kept | changes).items() if value is not None}


def start_restore(aws, arn, metadata=None, **parameters):
    """Start a restore job and return its id."""
    given = {"RecoveryPointArn": arn, "IamRoleArn": aws.role, "ResourceType": "EC2"}
    given["Metadata"] = usual(aws, arn) if metadata is None else metadata
    return aws.backup.start_restore_job(**(given | parameters))["RestoreJobId"]


def restored(aws, arn, metadata=None, **parameters):
    """Start a restore job, let half an hour pass and return what became of it."""
    job_id = start_restore(aws, arn, metadata, **parameters)
    CLOCK.advance(1800)
    return aws.backup.describe_restore_job(RestoreJobId=job_id)


def failed(aws, arn, metadata=None, **parameters):
    """Return the message of a restore job that fails, and leaves no instance behind."""
    before = len(aws.ec2.describe_instances()["Reservations"])
    job = restored(aws, arn, metadata, **parameters)

    assert (job["Status"], "CreatedResourceArn" in job) == ("FAILED", False)
    assert len(aws.ec2.describe_instances()["Reservations"]) == before
    return job["StatusMessage"]


def instance_of(aws, job):
    """Return the instance that a restore has made."""
    instance_id = job["CreatedResourceArn"].rsplit("/", 1)[1]
    return aws.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def volumes_of(aws, instance_id):
    """Return device -> volume of an instance."""
    filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
    found = aws.ec2.describe_volumes(Filters=filters)["Volumes"]
    return {volume["Attachments"][0]["Device"]: volume for volume in found}


def tags_of(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def profile(aws, name="web-server"):
    """Give the instance `web` a profile with a role, and return the role's ARN."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    aws.ec2.associate_iam_instance_profile(InstanceId=aws.web, IamInstanceProfile={"Name": name})
    return role["Arn"]


def service_role(aws, name, *statements):
    """Make a role that trusts AWS Backup and may do no more than the statements say; return its ARN."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "backup.amazonaws.com"}}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=document)
    return role["Arn"]
