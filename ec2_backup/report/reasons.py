"""Why an instance has no proven recovery point, in one place for every form of the report."""

from ec2_backup.narration import STEPS
from ec2_backup.results import Outcome
from ec2_backup.states import Verdict
from ec2_backup.target import Target

_WITHOUT_FAILURE = {
    Verdict.FAILED: ("no reason was recorded", "Look at the log, then run again for this instance."),
    Verdict.RUNNING: (
        "the job goes on at AWS, and this run no longer waits for it",
        "Nothing is lost: ./start-ec2-backup.sh resume RUN_KEY watches and verifies this job.",
    ),
    Verdict.NOT_STARTED: (
        "the run ended before this instance's turn",
        "./start-ec2-backup.sh resume RUN_KEY starts it.",
    ),
}

VERDICT_WORDS = {
    Verdict.PROVEN: "proven",
    Verdict.PLANNED: "planned",
    Verdict.FAILED: "failed",
    Verdict.RUNNING: "still running",
    Verdict.NOT_STARTED: "not started",
}

SIGNS = {
    Verdict.PROVEN: "✅",
    Verdict.FAILED: "❌",
    Verdict.RUNNING: "⏳",
    Verdict.PLANNED: "📋",
    Verdict.NOT_STARTED: "⏳",
}


def reason(outcome: Outcome) -> str:
    """Return what happened to an instance, empty where nothing did."""
    if outcome.failure:
        return outcome.failure.reason
    return _WITHOUT_FAILURE.get(outcome.verdict, ("", ""))[0]


def advice(outcome: Outcome) -> str:
    """Return what to do about an instance, empty where nothing is to be done."""
    if outcome.failure:
        return outcome.failure.advice
    return _WITHOUT_FAILURE.get(outcome.verdict, ("", ""))[1]


def where(outcome: Outcome) -> str:
    """Return the Region, and the account where that is not the caller's own."""
    return str(Target(outcome.region, outcome.row.role_arn or "")) if outcome.region else ""


def step(outcome: Outcome) -> str:
    """Return where an instance failed, `6 Backup job initiation`, empty where it did not."""
    if outcome.failure is None:
        return ""
    return f"{outcome.failure.step} {STEPS.get(outcome.failure.step, '')}".strip()


def name(outcome: Outcome) -> str:
    """Return the name that the instance has at AWS, else the one that the CSV gives it."""
    return (outcome.instance.name if outcome.instance else "") or outcome.row.name or ""


def failures_first(outcomes: tuple[Outcome, ...]) -> list[Outcome]:
    """Return the outcomes with what needs somebody's attention first, otherwise in the order of the inventory."""
    order = {Verdict.FAILED: 0, Verdict.RUNNING: 1, Verdict.NOT_STARTED: 1}
    return sorted(outcomes, key=lambda outcome: order.get(outcome.verdict, 2))
