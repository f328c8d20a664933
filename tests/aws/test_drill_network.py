"""The network of a drill, as EC2 shows it: where a subnet leads, and what a security group lets through."""

from ec2_backup.aws.drill import network
from ec2_backup.drill.isolation import flaws_of
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.aws.restores import AT, FIRST


def test_the_place_for_drills_is_isolated_and_where_production_is_is_not(sandbox: Sandbox) -> None:
    assert sandbox.seclusion
    first = client_of(sandbox, "ec2").describe_instances(InstanceIds=[FIRST])["Reservations"][0]["Instances"][0]

    quiet = network.describe_network(sandbox.seclusion.subnet, sandbox.seclusion.group, AT)
    open_one = network.describe_network(first["SubnetId"], first["SecurityGroups"][0]["GroupId"], AT)
    absent = network.describe_network("subnet-0000000f", "sg-0000000f", AT)

    assert list(flaws_of(quiet)) == []
    assert any("public addresses" in flaw for flaw in flaws_of(open_one))
    assert any("lets out all traffic" in flaw for flaw in flaws_of(open_one))
    assert (absent.subnet_vpc, absent.group_vpc) == ("", "")


def test_the_main_table_counts_where_a_subnet_has_none_of_its_own(sandbox: Sandbox) -> None:
    ec2 = client_of(sandbox, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="closed", Description="closed", VpcId=vpc)["GroupId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
    (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
    ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

    flaws = list(flaws_of(network.describe_network(subnet, group, AT)))

    assert f"subnet {subnet} has a route to an internet gateway ({gateway})" in flaws


def test_a_gateway_endpoint_is_told_from_that_of_a_firewall_by_where_its_route_goes_to(sandbox: Sandbox) -> None:
    ec2 = client_of(sandbox, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.78.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="for endpoints", Description="closed", VpcId=vpc)["GroupId"]
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    service = f"com.amazonaws.{AT.region}.s3"
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType="Gateway")["VpcEndpoint"]
    endpoint, into = made["VpcEndpointId"], {"RouteTableId": table["RouteTableId"]}
    listed = ec2.describe_managed_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    ec2.create_route(**into, DestinationPrefixListId=listed, GatewayId=endpoint)
    with_s3 = network.describe_network(subnet, group, AT)
    ec2.create_route(**into, DestinationCidrBlock="0.0.0.0/0", GatewayId=endpoint)
    with_firewall = network.describe_network(subnet, group, AT)

    assert not any("endpoint" in flaw for flaw in flaws_of(with_s3))
    assert any("an endpoint of a load balancer or a firewall" in flaw for flaw in flaws_of(with_firewall))
