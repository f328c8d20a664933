"""A report as a message: what failed, why, and what to do next, short enough for a telephone's screen."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from ec2_backup.lines import one_line
from ec2_backup.report.command import PROGRAM, to_flags, to_next_command
from ec2_backup.report.copies import ShownCopy, lacking_copies
from ec2_backup.report.failure_groups import FailureGroup, to_failure_groups
from ec2_backup.report.figures import headline, is_dry, verdict_counts
from ec2_backup.report.grouping import in_words
from ec2_backup.report.reasons import name, reason
from ec2_backup.report.since import since_last_line
from ec2_backup.report.units import count
from ec2_backup.results import Outcome, RunReport
from ec2_backup.settings import BackupRequest
from ec2_backup.states import RunStatus, Verdict

SUBJECT_CHARACTERS = 99  # SNS API reference, Publish: ASCII, no line breaks, "less than 100 characters long"
LINE_CHARACTERS = 300
NAME_CHARACTERS = 40
GROUPS_SHOWN = 3
NAMED = 3  # instances of a group

_WORDS = {
    RunStatus.PROVEN: ("✅", "done"),
    RunStatus.PLANNED: ("✅", "dry run"),
    RunStatus.INCOMPLETE: ("❌", "FAILED"),
    RunStatus.ABORTED: ("❌", "FAILED"),
    RunStatus.INTERRUPTED: ("⚠️", "INTERRUPTED"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What a topic is told of a run: the subject is one ASCII line, the text at most 20 lines.

    `status` is the run's, for those who subscribe to some of them only.
    """

    subject: str
    text: str
    status: str


def is_wanted(report: RunReport) -> bool:
    """Return whether the run's topic is to be told: always where that was asked for, else unless all went well."""
    options = BackupRequest.model_validate(report.parameters).options
    good = report.status in {RunStatus.PROVEN, RunStatus.PLANNED}
    return options.notify_topic is not None and (options.notify == "always" or not good)


def to_message(report: RunReport) -> Message:
    """Return the message about a run: verdict, what failed and why, the next command, and where the report is."""
    said = [[_cut(_line(line), LINE_CHARACTERS) for line in section(report)] for section in (_verdict, _trouble)]
    places = [_line(line) for line in _places(report)]  # half a command or half an address would be of no use
    text = "\n\n".join("\n".join(lines) for lines in (*said, places) if lines)
    # A lone surrogate, which a CSV or a tag may hold, cannot be sent as UTF-8.
    return Message(_subject(report), text.encode("utf-8", "backslashreplace").decode("utf-8"), report.status.value)


def _subject(report: RunReport) -> str:
    vault = BackupRequest.model_validate(report.parameters).vault
    counts, good = verdict_counts(report), Verdict.PLANNED if is_dry(report) else Verdict.PROVEN
    figures = f"{counts[good]:,} of {count(report.statistics.instances, 'instance')} {good}"
    copied = report.statistics.copies and not is_dry(report)
    copies = (
        [f"{report.statistics.proven_copies:,} of {count(report.statistics.copies, 'copy', 'copies')}"]
        if copied
        else []
    )
    error = [report.error.kind] if report.status is RunStatus.ABORTED and report.error else []
    what = ", ".join([*error, figures, *copies])
    subject = f"EC2 backup {_WORDS[report.status][1]}: {what} ({vault}, {report.run_key})"
    return _cut(one_line(subject).encode("ascii", "replace").decode("ascii"), SUBJECT_CHARACTERS, ellipsis="...")


def _verdict(report: RunReport) -> Iterator[str]:
    vault = BackupRequest.model_validate(report.parameters).vault
    account = f", {in_words(report).replace('AWS ', '')}" if in_words(report) else ""
    yield f"{_WORDS[report.status][0]} {headline(report)}."
    ended = f"ended {report.ended_at:%Y-%m-%d %H:%M} UTC, exit code {report.exit_code}"
    yield f"Run {report.run_key}, vault {vault}{account}, {ended}."
    yield from filter(None, [since_last_line(report)])


def _trouble(report: RunReport) -> Iterator[str]:
    if report.error:
        yield f"{report.error.kind}: {report.error.message}"
        yield from [f"    What to do: {report.error.hint}"] if report.error.hint else []
    # Where an error ended the run it says all there is to say of instances whose turn never came.
    reached = [one for one in report.failures if not (report.error and one.verdict is Verdict.NOT_STARTED)]
    groups, lacking = to_failure_groups(reached), lacking_copies(report)
    shown = GROUPS_SHOWN - bool(lacking)  # the lines of one go to the copies
    for group in groups[:shown]:
        yield from _group(group)
    rest = [outcome for group in groups[shown:] for outcome in group.outcomes]
    if rest:
        yield f"And {count(len(rest), 'more instance')} for other reasons: see the report."
    if lacking:
        yield from _copies(lacking)


def _copies(lacking: list[ShownCopy]) -> Iterator[str]:
    """Yield at most three lines: how many copies are not proven, of which instances, and why for one of them."""
    shown = ", ".join(dict.fromkeys(_instance(one.outcome) for one in lacking[:NAMED]))
    more = f" and {len(lacking) - NAMED:,} more" if len(lacking) > NAMED else ""
    yield f"{count(len(lacking), 'copy', 'copies')} not proven: {shown}{more}"
    same = len({one.reason for one in lacking}) == 1
    yield f"    {'' if same else 'For one: '}{lacking[0].reason}"
    yield from [f"    What to do: {lacking[0].advice}"] if lacking[0].advice else []


def _group(group: FailureGroup) -> Iterator[str]:
    shown = ", ".join(_instance(outcome) for outcome in group.outcomes[:NAMED])
    more = f" and {len(group.outcomes) - NAMED:,} more" if len(group.outcomes) > NAMED else ""
    where = f" at step {group.step}" if group.step else ""
    yield f"{count(len(group.outcomes), 'instance')}{where}: {shown}{more}"
    example = "" if len({reason(outcome) for outcome in group.outcomes}) == 1 else "For one: "
    yield f"    {example}{reason(group.outcomes[0])}"
    yield from [f"    What to do: {group.advice}"] if group.advice else []


def _instance(outcome: Outcome) -> str:
    called = _cut(one_line(name(outcome)), NAME_CHARACTERS)
    return f"{outcome.row.instance_id} ({called})" if called else outcome.row.instance_id


def _places(report: RunReport) -> Iterator[str]:
    command = _next_command(report)
    yield from [f"Next: {command}"] if command else []
    yield from [f"Prefect run: {report.run_url}"] if report.run_url else []
    places = report.copies or report.files
    yield from [f"Report: {places[kind]}" for kind in ("html", "json", "log") if kind in places][:1]


def _next_command(report: RunReport) -> str:
    """Return what to type once the cause is gone, empty where nothing is left to do."""
    if report.failures or report.error:
        again = to_flags(BackupRequest.model_validate(report.parameters))
        return to_next_command(report) or shlex.join([PROGRAM, *again])
    return to_next_command(report)


def _line(text: str) -> str:
    indent = "    " if text.startswith("    ") else ""
    return indent + one_line(text)


def _cut(text: str, limit: int, *, ellipsis: str = "…") -> str:
    return text if len(text) <= limit else text[: limit - len(ellipsis)] + ellipsis
