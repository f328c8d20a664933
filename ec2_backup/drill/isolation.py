"""Whether a restored copy could reach anything, or be reached: rules over a subnet, its routes and a security group.

A copy of production that talks to production is the danger of a drill: a second server that takes jobs from a queue,
sends mail, or writes into the same database.
"""

from collections.abc import Iterator

from ec2_backup.drill.model import Network, Route, Rule
from ec2_backup.errors import UsageError

HTTPS = 443  # of the endpoints of Systems Manager, through which a check command comes
_ENDPOINT = "vpce-"
_PREFIX_LIST = "pl-"

_WHAT = {
    "igw-": "an internet gateway",
    "eigw-": "an egress-only internet gateway",
    "nat-": "a NAT gateway",
    "tgw-": "a transit gateway",
    "vgw-": "a virtual private gateway (VPN)",
    "pcx-": "a peered VPC",
    "lgw-": "a local gateway",
    "cagw-": "a carrier gateway",
    "eni-": "a network interface",
    "i-": "an instance",
    _ENDPOINT: "an endpoint of a load balancer or a firewall",
}


def raise_for_connected(network: Network, *, accepts: bool) -> tuple[str, ...]:
    """Return how the network is connected all the same, where that is accepted.

    Raises UsageError that names each flaw where it is not, and for a subnet or a group that cannot be used at all.
    """
    if unusable := list(_unusable(network)):
        raise UsageError("; ".join(unusable), hint="Name a subnet and a security group of one VPC, in the Region.")
    flaws = tuple(flaws_of(network))
    if flaws and not accepts:
        raise UsageError(
            f"A drill there would not be isolated: {'; '.join(flaws)}.",
            hint="docs/drill.md says how to make a subnet that is. --accept-connected drills all the same.",
        )
    return flaws


def flaws_of(network: Network) -> Iterator[str]:
    """Yield what keeps the network from being isolated: each way in, and each way out but HTTPS."""
    if network.gives_public_addresses:
        yield f"subnet {network.subnet_id} gives its instances public addresses"
    yield from (f"subnet {network.subnet_id} has a route to {_name(one)}" for one in network.routes if _leads_out(one))
    for rule in network.inbound:
        if rule.peer != network.group_id:
            yield f"security group {network.group_id} lets in {rule}"
    for rule in network.outbound:
        if (rule.protocol, rule.first_port, rule.last_port) != ("tcp", HTTPS, HTTPS):
            yield f"security group {network.group_id} lets out {rule}"


def remarks_on(network: Network) -> Iterator[str]:
    """Yield what is allowed, and worth a thought: HTTPS to a network reaches every server of the VPC that is in it."""
    for rule in network.outbound:
        if "/" in rule.peer and _is_https(rule):
            yield (
                f"security group {network.group_id} lets out {rule}: an HTTPS server of VPC {network.subnet_vpc} in "
                "that network can be reached; name the security group of the endpoints instead"
            )


def _unusable(network: Network) -> Iterator[str]:
    if not network.subnet_vpc:
        yield f"There is no subnet {network.subnet_id} in the Region"
    if not network.group_vpc:
        yield f"There is no security group {network.group_id} in the Region"
    elif network.subnet_vpc and network.subnet_vpc != network.group_vpc:
        yield (
            f"Security group {network.group_id} is of {network.group_vpc}, "
            f"subnet {network.subnet_id} of {network.subnet_vpc}"
        )


def _leads_out(route: Route) -> bool:
    # Whatever ends in an endpoint has such an id. That of S3 or DynamoDB leads to a prefix list, and nowhere else;
    # that of a Gateway Load Balancer or a Network Firewall takes networks, and passes on what comes.
    is_gateway_endpoint = route.through.startswith(_ENDPOINT) and route.destination.startswith(_PREFIX_LIST)
    return route.through != "local" and not is_gateway_endpoint


def _name(route: Route) -> str:
    what = next((what for prefix, what in _WHAT.items() if route.through.startswith(prefix)), "")
    return f"{what} ({route.through})" if what else route.through


def _is_https(rule: Rule) -> bool:
    return rule.first_port == rule.last_port == HTTPS
