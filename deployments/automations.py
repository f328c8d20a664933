"""What Prefect does by itself about runs of our deployments: it marks those as Crashed whose worker has died.

A worker that is killed tells nobody, and its run would stay Running for ever. So each run sends a heartbeat, and the
server acts when it misses them.
"""

from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from deployments.definitions import Definition, definitions

HEARTBEAT = "prefect.flow-run.heartbeat"
FREQUENCY = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY"
MISSED_HEARTBEATS = 4  # fewer than three, and a run that is only slow would be taken for dead
TAG = "ec2-backup"
NAME = "ec2-backup: a run without heartbeats has crashed"

# After these no heartbeat is due. "Cancelling" is not among them: a dead worker never finishes that either.
_QUIET_STATES = ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut", "AwaitingRetry", "Paused", "Suspended")


def patience(of: list[Definition]) -> timedelta:
    """Return how long a run may be silent: as long as four of the longest heartbeat intervals among the deployments."""
    return MISSED_HEARTBEATS * timedelta(seconds=max(int(one.environment[FREQUENCY]) for one in of))


def heartbeat_automation(within: timedelta) -> AutomationCore:
    """Return the automation that marks a run as Crashed which has been silent for as long as `within`.

    It knows the runs of our deployments by their tag. Runs that were started from a terminal have none, and must be
    left alone: their heartbeats are further apart.
    """
    return AutomationCore(
        name=NAME,
        description=f"Its worker has died, or has lost the server, {within.total_seconds():.0f} seconds ago.",
        trigger=EventTrigger(
            after={HEARTBEAT},
            expect={HEARTBEAT, *(f"prefect.flow-run.{state}" for state in _QUIET_STATES)},
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=ResourceSpecification(
                {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{TAG}"}
            ),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=within,
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                message=f"No heartbeat for {within.total_seconds():.0f} seconds: the worker died or lost the server. "
                "Retry this run to take it up again; no backup is started twice.",
                force=False,
            )
        ],
    )


def keep(wanted: AutomationCore) -> str:
    """Create the automation, or update the one of its name; return what was done to it.

    Whether it is enabled stays as somebody has set it.
    """
    with get_client(sync_client=True) as client:
        present = client.read_automations_by_name(wanted.name)
        if not present:
            client.create_automation(wanted)
            return "created"
        first, *others = present
        for other in others:
            client.delete_automation(other.id)
        update = wanted.model_copy(update={"enabled": first.enabled})
        if not others and _content(first) == _content(update):
            return "unchanged"
        client.update_automation(first.id, update)
        return "updated"


def keep_automations() -> list[str]:
    """Set up all automations of the project, and return a line about each."""
    wanted = heartbeat_automation(patience(definitions()))
    return [f"Automation {wanted.name!r}: {keep(wanted)}"]


def _content(automation: AutomationCore) -> dict[str, object]:
    """Return what an automation is made of, without the ids that the server has given its parts."""
    core = AutomationCore.model_validate(automation.model_dump(include=set(AutomationCore.model_fields)))
    return core.model_dump(exclude={"trigger": {"id"}})
