"""What to do about a restore job that did not end well, by the text that AWS gives."""

import re

_ROLE = (
    "Attach AWSBackupServiceRolePolicyForRestores to the backup role, and let it pass the role of the instance profile "
    "(iam:PassRole); or restore with another --profile, or with none."
)
_SETTINGS = (
    "AWS does not take the settings of the original: they are in the JSON report. Restore with another --instance-type "
    "and --subnet, which leaves out what belongs to the old ones."
)
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"encoded authorization|passrole|not authorized|access denied|does not have permission", _ROLE),
    (r"cannot be assumed", "Let backup.amazonaws.com assume the role (its trust policy)."),
    (r"restore metadata", _SETTINGS),
    (r"capacity", "AWS has none to spare there: choose another --instance-type, or a --subnet of another zone."),
    (r"vcpu|limit|quota", "A quota of the account is used up: raise it, or choose a smaller --instance-type."),
    (r"kms|key", "Enable the snapshots' KMS key, and let the backup role use it (kms:CreateGrant, kms:Decrypt)."),
    (r"does not exist|not found|invalid", "Something that the restore names is gone: look at the plan with --dry-run."),
)
_OTHERWISE = "See the job in the AWS Backup console, then restore once more."


def advise(message: str) -> str:
    """Return what to do about a restore job that ended with this StatusMessage."""
    return next((advice for pattern, advice in _ADVICE if re.search(pattern, message, re.IGNORECASE)), _OTHERWISE)
