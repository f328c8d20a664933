"""What came of a check, and of a removal, in words: why it is no proof, and what to do."""

from ec2_backup.drill.model import CheckResult, CheckStatus
from ec2_backup.lines import one_line, printable_lines
from ec2_backup.restore.model import RestoreFailure

OUTPUT_LENGTH = 2000
_UNMANAGED = (
    "Give it an instance profile with AmazonSSMManagedInstanceCore (--profile), or turn Default Host Management on; "
    "let the subnet reach the endpoints ssm, ssmmessages and ec2messages by HTTPS; see that the image has the agent. "
    "--check-minutes waits longer."
)


def judge_check(result: CheckResult, minutes: float) -> RestoreFailure | None:
    """Return why a check is no proof, None where the command ended with exit code 0."""
    match result.status:
        case CheckStatus.PASSED:
            return None
        case CheckStatus.UNMANAGED:
            reason = f"the check was not run: Systems Manager did not see the new instance within {minutes:g} minutes"
            return RestoreFailure(result.line, reason, _UNMANAGED)
        case CheckStatus.LATE:
            reason = f"the check did not end within {minutes:g} minutes"
            return RestoreFailure(result.line, reason, "Look at what it waits for, or give it more --check-minutes.")
    last = one_line(result.output.strip().splitlines()[-1]) if result.output.strip() else result.said
    code = f"with exit code {result.exit_code}" if result.exit_code is not None else result.said
    reason = f"the check ended {code}" + (f": {last}" if last else "")
    return RestoreFailure(result.line, reason, "Its output is in the report; --keep-failed leaves the instance there.")


def to_output(text: str) -> str:
    """Return what a command wrote as printable lines, its end kept and its beginning cut where that is too much.

    It comes from a machine that nobody knows: nothing in it may steer a terminal. Pages must escape it all the same.
    """
    printable = "\n".join(printable_lines(text)).strip()
    return printable if len(printable) <= OUTPUT_LENGTH else f"… {printable[-OUTPUT_LENGTH:]}"
