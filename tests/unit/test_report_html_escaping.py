"""Whatever a name, a message or a tag holds, it is text of the page: it makes no element, attribute or script."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ec2_backup.lines import one_line
from ec2_backup.model import InventoryRow, Key, ServiceRole, Vault
from ec2_backup.report.html import to_html
from ec2_backup.results import AuditEvent, Failure, Outcome, RunError, RunReport, VaultUse
from ec2_backup.states import RunStatus
from tests.unit.pages import Page
from tests.unit.reports import STARTED, a_report, failed, proven

PIECES = [
    *"<>\"'&/=;:{}%#`\\ \n\t\0",
    "script",
    "</title>",
    "</style>",
    "<!--",
    "]]>",
    "{{7*7}}",
    "{% raw %}",
    "&lt;",
    "\u202e",
    "\ud800",
]
hostile = (st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20)).filter(
    lambda text: one_line(text) and not text.lower().startswith("http")
)


def told_by(text: str, outcome: Outcome) -> Outcome:
    """Return the outcome with a text in everything that comes from outside."""
    instance = outcome.instance
    volumes = tuple(
        replace(v, volume_id=text, device=text, volume_type=text, kms_key_id=text) for v in instance.volumes
    )
    point = outcome.recovery_point
    if point:
        snapshots = tuple(
            replace(s, snapshot_id=text, device=text, state=text, kms_key_id=text) for s in point.snapshots
        )
        point = replace(point, arn=text, image_id=text, status=text, image_state=text, snapshots=snapshots)
    return replace(
        outcome,
        row=InventoryRow(2, text, name=text),
        region=text,
        instance=replace(
            instance,
            instance_id=text,
            name=text,
            instance_type=text,
            state=text,
            instance_store=(text,),
            volumes=volumes,
        ),
        plan=replace(outcome.plan, role_arn=text, vault_name=text),
        job=replace(outcome.job, job_id=text, message=text, vault_name=text),
        recovery_point=point,
        audit=AuditEvent(text, text, STARTED, text),
        failure=outcome.failure and Failure(text, 10, text, text),
        notes=(text,),
    )


def report_of(text: str) -> RunReport:
    report = a_report(told_by(text, proven(1)), told_by(text, failed(2)), status=RunStatus.INCOMPLETE)
    statistics = replace(report.statistics, api_calls={text: 3}, vaults=(VaultUse(text, text, 1),))
    return replace(
        report,
        run_key=text,
        parameters={text: text, "tags": {text: text}},
        statistics=statistics,
        caller=replace(report.caller, account=text, arn=text),
        role=ServiceRole(text, text),
        vaults=(Vault(text, text, text, text),),
        keys=(Key(text, text),),
        notes=(text,),
        error=RunError(text, text, text, 12),
        run_url=text,
        files={"log": text},
    )


PLAIN = list(Page(to_html(report_of("plain"))).shape())


@given(hostile)
@example("<script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example("' onmouseover='alert(1)")
@example("x onload=alert(1)")
@example("</pre></style></title></script><svg/onload=alert(1)>")
@example("javascript:alert(1)")
@example("{{ 7 * 7 }}{% include 'x' %}")
@settings(max_examples=150, deadline=None)
def test_a_hostile_text_changes_no_element_and_no_attribute(text):
    assert list(Page(to_html(report_of(text))).shape()) == PLAIN


@given(hostile)
@settings(max_examples=80, deadline=None)
def test_a_hostile_text_is_shown_as_it_is_on_one_line(text):
    page = Page(to_html(report_of(text)))

    assert all(one_line(bdi.text) == one_line(text) for bdi in page.all("bdi"))
    assert one_line(text) in one_line(page.all("title")[0].text)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http:", "https://[bad"])
def test_only_web_addresses_become_links(text):
    addresses = {link.attributes["href"] for link in Page(to_html(report_of(text))).all("a")}

    assert all(address.startswith(("#", "https://")) and address != text for address in addresses)
