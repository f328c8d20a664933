"""The subnet and the security group of a drill, with all that leads in and out of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from ec2_backup.aws.ec2 import by_filter
from ec2_backup.aws.session import pages
from ec2_backup.drill.model import Network, Route, Rule
from ec2_backup.model import Target

# What a route may lead through (EC2 API reference, Route).
_THROUGH = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "CoreNetworkArn",
)


def describe_network(subnet_id: str, group_id: str, target: Target) -> Network:
    """Return what EC2 shows of both, and of the routes of the subnet; what does not exist has no VPC."""
    subnet = next(iter(by_filter("describe_subnets", "Subnets", "subnet-id", [subnet_id], target)), {})
    found = by_filter("describe_security_groups", "SecurityGroups", "group-id", [group_id], target)
    group: Mapping[str, Any] = next(iter(found), {})
    public = subnet.get("MapPublicIpOnLaunch") or subnet.get("AssignIpv6AddressOnCreation")
    return Network(
        subnet_id=subnet_id,
        group_id=group_id,
        subnet_vpc=subnet.get("VpcId", ""),
        group_vpc=group.get("VpcId", ""),
        gives_public_addresses=bool(public),
        routes=_routes(subnet_id, subnet["VpcId"], target) if subnet else (),
        inbound=tuple(_rules(group.get("IpPermissions", ()))),
        outbound=tuple(_rules(group.get("IpPermissionsEgress", ()))),
    )


def _routes(subnet_id: str, vpc_id: str, target: Target) -> tuple[Route, ...]:
    """Return the routes of a subnet: those of its own table, or of the VPC's main one where it has none."""
    own = list(by_filter("describe_route_tables", "RouteTables", "association.subnet-id", [subnet_id], target))
    return tuple(_to_route(one) for table in own or _main_table(vpc_id, target) for one in table["Routes"])


def _main_table(vpc_id: str, target: Target) -> list[Mapping[str, Any]]:
    of_vpc = {"Name": "vpc-id", "Values": [vpc_id]}
    filters = [of_vpc, {"Name": "association.main", "Values": ["true"]}]
    found = pages("ec2", "describe_route_tables", target, key="RouteTables", Filters=filters)
    return [table for page in found for table in page["RouteTables"]]


def _to_route(route: Mapping[str, Any]) -> Route:
    ends = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    destination = next((route[name] for name in ends if route.get(name)), "")
    return Route(destination, next((str(route[name]) for name in _THROUGH if route.get(name)), "something unknown"))


def _rules(permissions: Any) -> Iterator[Rule]:
    for one in permissions:
        peers = [
            *(peer["CidrIp"] for peer in one.get("IpRanges", ())),
            *(peer["CidrIpv6"] for peer in one.get("Ipv6Ranges", ())),
            *(peer["PrefixListId"] for peer in one.get("PrefixListIds", ())),
            *(peer["GroupId"] for peer in one.get("UserIdGroupPairs", ())),
        ]
        yield from (Rule(one["IpProtocol"], peer, one.get("FromPort"), one.get("ToPort")) for peer in peers)
