"""The blocks with which the log of a restore opens and closes."""

from collections.abc import Iterable

from ec2_backup.lines import one_line
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.report import RestoreOutcome, RestoreReport
from ec2_backup.restore.words import SIGNS, VERDICTS, advice, figures, headline, places, reason, recovery

RULE = "-" * 72


def opening_lines(run: RestoreLedger) -> list[str]:
    """Return the lines that say which restore this log is of, and what it was asked to do."""
    request, local = run.request, run.began_at.astimezone()
    return [
        RULE,
        "EC2 Backup Automation: restore" + (" (dry run: nothing will be started)" if request.dry_run else ""),
        RULE,
        *aligned(
            [
                ("Run", run.run_key),
                ("Started", f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"),
                ("Wanted", request.csv or request.recovery_point or request.instance or "what the run has begun"),
                ("Vault", request.vault or "all of the Region"),
                ("IAM role", request.role),
                ("Region", request.region or "as the CSV or the AWS configuration says"),
                ("Output", str(request.output)),
            ]
        ),
        RULE,
    ]


def closing_lines(report: RestoreReport) -> list[str]:
    """Return the lines that end a log: what became of each row, the statistics, and where the reports are."""
    lines = [line for outcome in report.outcomes for line in outcome_lines(outcome)]
    return closing_block(report, "restore", lines, headline(report), [*figures(report), *places(report)])


def closing_block(
    report: RestoreReport, kind: str, lines: Iterable[str], said: str, pairs: Iterable[tuple[str, str]]
) -> list[str]:
    """Return the end of a log: the error if one ended the run, these lines, the headline and the figures."""
    error = [f"❌ {report.error.kind}: {report.error.message}", f"   {report.error.hint}"] if report.error else []
    return [
        RULE,
        *map(one_line, error),
        *lines,
        said,
        *aligned(pairs),
        f"The {kind} ended with exit code {report.exit_code} ({report.status}).",
        RULE,
    ]


def outcome_lines(outcome: RestoreOutcome) -> list[str]:
    """Return what became of one row, and what to do about it."""
    made = f" -> {outcome.created_id}" if outcome.created_id else ""
    took = f", recovered in {recovery(outcome)}" if recovery(outcome) else ""
    why = f": {reason(outcome)}" if reason(outcome) else ""
    said = f"{SIGNS[outcome.verdict]} {outcome.source}{made}: {VERDICTS[outcome.verdict]}{took}{why}"
    return [one_line(said), *([f"   What to do: {advice(outcome)}"] if advice(outcome) else [])]


def aligned(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return pairs of label and value as lines, the values below each other."""
    pairs = list(pairs)
    width = max((len(label) for label, _ in pairs), default=0)
    return [f"{label:<{width}}  {one_line(value)}" for label, value in pairs]
