"""What to do about a job that did not end well, by the text that AWS Backup gives.

The texts are those that AWS documents for its backup dashboards; they are matched by their telling part, since AWS
puts ARNs and names around it.
"""

import re
from collections.abc import Iterable

ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"cannot be assumed",
        "Let backup.amazonaws.com assume the role (its trust policy); a role made minutes ago may need another minute.",
    ),
    (
        r"kms key|key id",
        "Enable the volume's KMS key, cancel its deletion, and let the backup role use it (kms:CreateGrant).",
    ),
    (
        r"running job for the same resource",
        "Another job held this instance until the start window was over: look for a backup plan at the same hour.",
    ),
    (r"expired before completion", "Give the job a longer completion window, or start it outside busy hours."),
    (
        r"in-progress snapshots|active snapshot limit|image creation throttled|concurrent snapshots",
        "Too many snapshots at once: do not back up the instance and its volumes at the same time, then run again.",
    ),
    (
        r"more than 50|50 user tags",
        "Instance tags and recovery point tags together may be 50: remove tags from the instance or the command.",
    ),
    (r"50,000", "The Region's quota of images is used up: deregister old AMIs or ask AWS for a higher quota."),
    (
        r"network ?interfaces",
        "The disks are backed up; the network interfaces' settings are not, so note them for a restore.",
    ),
    (
        r"vss",
        "The backup is crash-consistent, not application-consistent: check the VSS agent and SSM on the instance.",
    ),
    (r"stopped by user", "Somebody stopped the job: run again if that was not meant for good."),
    (r"backup vault .* does not exist", "The vault was deleted while the job ran: create it again and repeat the run."),
    (
        r"retention .* range|lifecycle|vault lock",
        "The vault's lock refuses this retention: choose --retention-days within the vault's range.",
    ),
    (
        r"volume was not found|not in state|cannot snapshot|does not exist|no longer available|is invalid",
        "The instance or a volume changed while the job ran: check that it still exists, then run again.",
    ),
    (
        r"not authorized|access denied|does not have permission|missing permission",
        "Attach AWSBackupServiceRolePolicyForBackup to the backup role; look for a deny in the vault's policy.",
    ),
    (r"copy resource tags|internal error|internal failure|fatal error", "A fault inside AWS: run again."),
)
_OTHERWISE = "See the job in the AWS Backup console, then run again for this instance."


def advise(message: str) -> str:
    """Return what to do about a job that ended with this StatusMessage."""
    return first_advice(ADVICE, message) or _OTHERWISE


def first_advice(known: Iterable[tuple[str, str]], message: str) -> str:
    """Return the advice of the first of these patterns that is in the message, "" where none is."""
    return next((advice for pattern, advice in known if re.search(pattern, message, re.IGNORECASE)), "")
