"""Every text that AWS documents for a bad end of a job has its own advice."""

import pytest

from ec2_backup.advice import advise

ADVICE = {
    "IAM Role arn:aws:iam::1:role/x cannot be assumed by AWS Backup": "trust policy",
    "KMS key is either disabled or pending deletion or access to KMS key is denied": "KMS key",
    "Given key ID is not accessible": "KMS key",
    "Given key ID does not exist": "KMS key",
    "Backup job failed because there was a running job for the same resource.": "backup plan",
    "Backup job expired before completion.": "longer completion window",
    "Maximum allowed in-progress snapshots for a single volume exceeded.": "Too many snapshots",
    "Maximum allowed active snapshot limit exceeded.": "Too many snapshots",
    "Image creation throttled due to maximum number of concurrent snapshots on an EBS volume.": "Too many snapshots",
    "The resultant tag set must not have more than 50 user tags.": "remove tags",
    "More than 50 tags specified": "remove tags",
    "You have reached your quota of 50,000 for the number of public and private images": "quota of images",
    "Your backup succeeded, but we were unable to persist NetworkInterfaces metadata": "network interfaces",
    "Windows VSS Backup Job Error encountered, trying for regular backup": "crash-consistent",
    "Backup job was stopped by user.": "stopped the job",
    "Backup job failed because backup vault arn:aws:backup:x does not exist.": "vault was deleted",
    "The retention specified in the job is not within the range specified for the target Backup Vault.": "lock",
    "The specified volume was not found.": "still exists",
    "Instance is not in state 'running' or 'stopped'.": "still exists",
    "Cannot snapshot volume": "still exists",
    "The instance ID 'i-1' does not exist": "still exists",
    "You are not authorized to perform this operation.": "AWSBackupServiceRolePolicyForBackup",
    "Access Denied trying to call AWS Backup service": "AWSBackupServiceRolePolicyForBackup",
    "AWS Backup does not have permission to describe resource x.": "AWSBackupServiceRolePolicyForBackup",
    "We are unable to copy resource tags to your backup because of the Internal Failure.": "inside AWS",
    "An internal error occurred.": "inside AWS",
    "Backup job encountered a fatal error": "inside AWS",
}


@pytest.mark.parametrize(("message", "advice"), ADVICE.items())
def test_the_advice_fits_what_aws_says(message, advice):
    assert advice in advise(message)


@pytest.mark.parametrize("message", ADVICE)
def test_capital_letters_make_no_difference(message):
    assert advise(message.upper()) == advise(message)


@pytest.mark.parametrize("message", ["", "Something new."])
def test_an_unknown_text_sends_the_reader_to_the_console(message):
    assert "AWS Backup console" in advise(message)
