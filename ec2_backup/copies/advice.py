"""What to do about a copy job that did not end well, by the text that AWS Backup gives.

The texts are those of the AWS Backup and Amazon EC2 user guides and of people's reports, matched by their telling part.
"""

from ec2_backup.advice import ADVICE, first_advice

_OTHERWISE = "See the copy job in the AWS Backup console, mend the cause, then: ./start-ec2-backup.sh resume RUN_KEY"
_OF_COPIES: tuple[tuple[str, str], ...] = (
    (
        r"default backup service managed key|managed key can't be shared",
        "Give the vault that copies go into a customer managed key; for another account the volumes need one as well.",
    ),
    (
        r"given key id|kms key",
        "Enable the key; for another account, let that one use the volumes' keys, as docs/copies.md says.",
    ),
    (
        r"access denied trying to call aws backup",
        "See that the vault exists, that its access policy lets the copies in, and that the role may make them.",
    ),
    (
        r"same organization|feature is not enabled",
        "Both accounts must be of one AWS Organization, in which cross-account backup is switched on.",
    ),
    (r"marketplace", "AWS does not let images with a Marketplace product code be copied to another account."),
    (r"too many copy jobs", "Another copy of this instance is under way: try again when it is over."),
    (
        r"ami not found in region",
        "The source image is gone, or the setting for allowed AMIs of the account forbids it.",
    ),
    (r"retention .* range", "The lock of the destination refuses this retention: write another =DAYS after its ARN."),
    (r"list tags", "Let the role that AWS Backup assumes call ec2:DescribeTags."),
)


def advise_copy(message: str, otherwise: str = _OTHERWISE) -> str:
    """Return what to do about a copy job that ended with this StatusMessage, `otherwise` for an unknown one."""
    return first_advice((*_OF_COPIES, *ADVICE), message) or otherwise
