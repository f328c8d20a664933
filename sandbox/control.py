"""The sandbox from outside AWS: look at jobs and calls, let things go wrong, move the time. HTTP under `/_sandbox/`."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

from werkzeug.wrappers import Request, Response

from sandbox import state

PREFIX = "/_sandbox/"


class Control:
    """A client of a running sandbox, wherever it runs."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + PREFIX

    def jobs(self, account: str | None = None, region: str | None = None) -> list[dict[str, Any]]:
        """Return every backup job ever made there, of one account and Region or of all."""
        found: list[dict[str, Any]] = self._ask("jobs", account=account, region=region)
        return found

    def restores(self, account: str | None = None, region: str | None = None) -> list[dict[str, Any]]:
        """Return every restore job ever made there, of one account and Region or of all."""
        found: list[dict[str, Any]] = self._ask("restores", account=account, region=region)
        return found

    def copies(self, account: str | None = None, region: str | None = None) -> list[dict[str, Any]]:
        """Return every copy job ever made there, of one account and Region that they copy from or of all."""
        found: list[dict[str, Any]] = self._ask("copies", account=account, region=region)
        return found

    def calls(self) -> dict[str, dict[str, int]]:
        """Return how many calls of each operation, such as `backup:StartBackupJob`, were accepted and throttled."""
        counts: dict[str, dict[str, int]] = self._ask("calls")
        return counts

    def clear_calls(self) -> None:
        """Begin to count calls anew, with full buckets."""
        self._ask("clear_calls")

    def fault(self, operation: str = "*", kind: str = "error", **values: Any) -> None:
        """Let calls go wrong; the values are those of `sandbox.faults.Fault`.

        Raises:
            ValueError: There is no such kind of fault, or no such value.
        """
        self._ask("fault", operation=operation, kind=kind, **values)

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that were asked for, each with how often it `struck`."""
        found: list[dict[str, Any]] = self._ask("faults")
        return found

    def clear_faults(self) -> None:
        """Let all calls go well again."""
        self._ask("clear_faults")

    def script(self, instance_id: str, outcome: Mapping[str, Any], job: str = "backup") -> None:
        """Decide what becomes of the next jobs for an instance, or for `*`.

        Args:
            instance_id: The instance that is backed up, or was: restores and copies go by it as well.
            outcome: See `sandbox.outcomes.Outcome`, and `RestoreOutcome` and `CopyOutcome` in `sandbox.aftermath`.
            job: `backup`, `restore` or `copy`.

        Raises:
            ValueError: There is no such job, or the outcome has a key or a value that does not exist.
        """
        self._ask("script", instance_id=instance_id, outcome=dict(outcome), job=job)

    def switch(self, **values: Any) -> None:
        """Set switches: those of `sandbox.outcomes.Outcomes`, and `quotas` and `strict_credentials`.

        Raises:
            ValueError: There is no such switch or value.
        """
        self._ask("switch", **values)

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time forward by so many seconds of its timestamps."""
        self._ask("advance", seconds=seconds)

    def speed(self) -> float:
        """Return how many virtual seconds pass there in a second."""
        return float(self._ask("speed"))

    def _ask(self, _name: str, **values: Any) -> Any:
        body = json.dumps(values, default=str).encode()
        request = UrlRequest(self._url + _name, body, {"Content-Type": "application/json"})  # noqa: S310 - our own URL
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            with error:
                said = error.read().decode(errors="replace")
            raise ValueError(said) from None


def respond(environ: dict[str, Any]) -> Response:
    """Answer a request under `/_sandbox/`; a GET asks for what it names, without values."""
    request = Request(environ)
    do = state.ACTIONS.get(request.path.removeprefix(PREFIX))
    if do is None:
        return Response(f"There are {', '.join(sorted(state.ACTIONS))}.", status=404, mimetype="text/plain")
    try:
        values = json.loads(request.get_data() or b"{}")
        result = do(**{name: value for name, value in values.items() if value is not None})
    except (TypeError, ValueError) as error:
        return Response(str(error), status=400, mimetype="text/plain")
    return Response(json.dumps(result, default=str), mimetype="application/json")
