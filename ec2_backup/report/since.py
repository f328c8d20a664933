"""What is new since the last run, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from ec2_backup.results import RunReport
from ec2_backup.since import SinceLast

NAMED = 5


@dataclass(frozen=True, slots=True)
class News:
    """One kind of news: the instances that it is about, in the words of a list and of a heading."""

    words: str
    heading: str
    instances: tuple[str, ...]
    is_bad: bool = False


def to_news(since: SinceLast) -> list[News]:
    """Return what is new and what still fails, what needs somebody's attention first, without what there is none of."""
    kinds = [
        News("newly failing", "Newly failing", since.newly_failing, is_bad=True),
        News("still failing", "Still failing", since.still_failing, is_bad=True),
        News("fixed", "Newly fixed", since.newly_fixed),
        News("new", "New in the CSV", since.new),
        News("vanished", "Vanished from the CSV", since.vanished, is_bad=True),
    ]
    return [kind for kind in kinds if kind.instances]


def since_last_line(report: RunReport) -> str:
    """Return the sentence that says what is new since the last run, empty where nothing is."""
    since = report.since_last
    if since is None or not since.has_news:
        return ""
    parts = (_part(news) for news in to_news(since))
    return f"Since the run of {since.started_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {', '.join(parts)}"


def named(instances: Sequence[str]) -> str:
    """Return the first of these ids, and how many more there are."""
    hidden = len(instances) - NAMED
    return ", ".join([*instances[:NAMED], *([f"and {hidden:,} more"] if hidden > 0 else [])])


def _part(news: News) -> str:
    ids = f" ({named(news.instances)})" if news.is_bad and news.words != "still failing" else ""
    return f"{len(news.instances):,} {news.words}{ids}"
