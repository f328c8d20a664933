"""A drill starts nothing in a network from which a copy of production could reach anything."""

import pytest

from ec2_backup.drill.isolation import flaws_of, raise_for_connected, remarks_on
from ec2_backup.drill.model import Network, Route, Rule
from ec2_backup.errors import UsageError
from tests.unit.drills import ISOLATED, a_network
from tests.unit.restores import GROUP, VPC

ANY = "0.0.0.0/0"


def test_a_network_without_a_way_in_or_out_is_isolated() -> None:
    assert raise_for_connected(ISOLATED, accepts=False) == ()
    assert list(remarks_on(ISOLATED)) == []


@pytest.mark.parametrize(
    ("through", "said"),
    [
        ("igw-0a", "an internet gateway"),
        ("nat-0a", "a NAT gateway"),
        ("tgw-0a", "a transit gateway"),
        ("vgw-0a", "(VPN)"),
        ("pcx-0a", "a peered VPC"),
        ("eigw-0a", "an egress-only"),
        ("eni-0a", "a network interface"),
        ("i-0a", "an instance"),
        ("vpce-0a", "an endpoint of a load balancer or a firewall (vpce-0a)"),
        ("arn:aws:networkmanager::1:core-network/x", "core-network"),
        ("something unknown", "something unknown"),
    ],
)
def test_every_route_that_leads_out_of_the_vpc_is_a_flaw(through: str, said: str) -> None:
    network = a_network(routes=(*ISOLATED.routes, Route(ANY, through)))

    (flaw,) = flaws_of(network)

    assert said in flaw
    assert "has a route to" in flaw


def test_an_endpoint_to_a_prefix_list_is_that_of_s3_or_dynamodb_and_harmless() -> None:
    assert list(flaws_of(a_network(routes=(*ISOLATED.routes, Route("pl-0a1b2c3d", "vpce-0a"))))) == []


@pytest.mark.parametrize("destination", [ANY, "::/0", "10.0.0.0/8", ""])
def test_an_endpoint_to_a_network_leads_out_through_a_load_balancer_or_a_firewall(destination: str) -> None:
    (flaw,) = flaws_of(a_network(routes=(*ISOLATED.routes, Route(destination, "vpce-0a"))))

    assert flaw.endswith("has a route to an endpoint of a load balancer or a firewall (vpce-0a)")


@pytest.mark.parametrize(
    "rule",
    [
        Rule("-1", ANY),
        Rule("tcp", ANY, 0, 65535),
        Rule("tcp", ANY, 443, 444),
        Rule("udp", ANY, 443, 443),
        Rule("tcp", "10.0.0.0/8", 5432, 5432),
        Rule("-1", GROUP),
    ],
)
def test_a_group_lets_nothing_out_but_https(rule: Rule) -> None:
    (flaw,) = flaws_of(a_network(outbound=(rule,)))

    assert flaw == f"security group {GROUP} lets out {rule}"


@pytest.mark.parametrize("peer", [ANY, "::/0", "10.0.0.0/8", "sg-0e0e0e0e", "pl-0a1b2c3d"])
def test_a_group_lets_nobody_in_but_itself(peer: str) -> None:
    (flaw,) = flaws_of(a_network(inbound=(Rule("tcp", peer, 22, 22), Rule("-1", GROUP))))

    assert flaw == f"security group {GROUP} lets in tcp 22 with {peer}"


def test_https_to_a_whole_network_is_told_of_since_servers_of_the_vpc_are_in_it() -> None:
    network = a_network(outbound=(Rule("tcp", ANY, 443, 443),))

    assert list(flaws_of(network)) == []
    (remark,) = remarks_on(network)
    assert VPC in remark


def test_a_refusal_names_every_flaw_and_how_to_go_on_all_the_same() -> None:
    network = a_network(gives_public_addresses=True, routes=(Route(ANY, "igw-0a"),), inbound=(Rule("-1", ANY),))

    with pytest.raises(UsageError) as caught:
        raise_for_connected(network, accepts=False)

    for said in ("public addresses", "an internet gateway (igw-0a)", "lets in all traffic with 0.0.0.0/0"):
        assert said in caught.value.message
    assert "--accept-connected" in caught.value.hint
    assert caught.value.exit_code == 2
    assert len(raise_for_connected(network, accepts=True)) == 3


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (a_network(subnet_vpc=""), "There is no subnet"),
        (a_network(group_vpc=""), "There is no security group"),
        (a_network(group_vpc="vpc-0f"), "is of vpc-0f"),
    ],
)
def test_what_does_not_exist_or_fit_together_is_no_network_also_where_flaws_are_accepted(
    network: Network, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        raise_for_connected(network, accepts=True)
