"""The page stands alone, keeps its own policy, and can be read without eyes, mouse or script."""

import base64
import hashlib
import re

import pytest

from ec2_backup.report import headline
from ec2_backup.report.html import to_html
from tests.unit.page_reports import MIXED, REPORTS, RUN_URL, page_of


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.status.value)
def test_the_heading_is_the_headline_and_headings_never_leave_out_a_level(report):
    page = page_of(report)
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4", "h5", "h6")]

    assert page.one("h1").text.endswith(headline(report))
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.status.value)
def test_the_page_needs_nothing_from_anywhere(report):
    page, html = page_of(report), to_html(report)
    addresses = [
        (e.tag, value) for e in page.elements for name, value in e.attributes.items() if name in {"href", "src"}
    ]
    outside = [value for tag, value in addresses if not value.startswith("#")]

    assert {tag for tag, _ in addresses} == {"a"}
    assert all(re.match(r"https://[\w-]+\.console\.aws\.amazon\.com/", value) or value == RUN_URL for value in outside)
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {element.tag for element in page.elements}
    assert set(re.findall(r"url\((.)|(@import)", html)) <= {("#", "")}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.status.value)
def test_every_anchor_of_the_page_leads_somewhere_and_every_id_is_there_once(report):
    page = page_of(report)
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    inner = {link.attributes["href"][1:] for link in page.all("a") if link.attributes["href"].startswith("#")}
    named = {name for e in page.elements for name in e.attributes.get("aria-labelledby", "").split()}

    assert sorted(ids) == sorted(set(ids))
    assert inner | named <= set(ids)


def test_only_the_script_and_style_that_the_page_came_with_may_act():
    page = page_of(MIXED)
    (policy,) = (e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes)

    assert policy.startswith("default-src 'none'")
    for element in page.all("script", "style"):
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{element.tag}-src 'sha256-{digest}'" in policy
    assert not [
        e.tag for e in page.elements if "style" in e.attributes or any(n.startswith("on") for n in e.attributes)
    ]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.status.value)
def test_every_table_has_a_caption_and_headers_that_say_what_they_head(report):
    page = page_of(report)

    assert len(page.all("caption")) == len(page.all("table"))
    assert {element.attributes.get("scope") for element in page.all("th")} <= {"col", "row"}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.status.value)
def test_every_drawing_has_a_title_and_a_description_or_is_silent(report):
    page = page_of(report)
    ids = {element.attributes.get("id"): element for element in page.elements}
    for drawing in page.all("svg"):
        if drawing.attributes.get("role") == "img":
            title, description = (ids[name] for name in drawing.attributes["aria-labelledby"].split())
            assert (title.tag, description.tag) == ("title", "desc")
            assert title.text
            assert description.text
        else:
            assert drawing.attributes["aria-hidden"] == "true"
