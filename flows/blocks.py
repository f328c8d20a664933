"""What a run takes from blocks of Prefect: credentials, and buckets for its lists and its reports.

A block is loaded when a run begins, and what it holds goes on to the calls to AWS alone: nothing of it is a parameter
of a flow or a task, so Prefect keeps none of it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import ValidationError

from ec2_backup.aws import s3, session
from ec2_backup.aws.credentials import Source
from ec2_backup.errors import Ec2BackupError, UsageError
from ec2_backup.narration import Mark, tell
from ec2_backup.settings import BackupRequest
from ec2_backup.sources import is_in_block, parse_place, sources_of

if TYPE_CHECKING:
    from prefect.blocks.core import Block
    from prefect_aws import AwsCredentials, MinIOCredentials

Kind = TypeVar("Kind", bound="Block")


def use_blocks(request: BackupRequest) -> None:
    """Make the calls to AWS with the credentials that a request names, and know the buckets of the blocks in it.

    A block for the reports that cannot be used is told of and costs the backups nothing: the reports wait for the run
    that takes this one up again. Raises UsageError for any other that is not there or does not hold what it should.
    """
    options = request.options
    if options.credentials_block:
        session.set_source(_credentials(options.credentials_block))
    needed = {parse_place(source).block for source in sources_of(request) if is_in_block(source)}
    buckets = {name: _bucket(name) for name in sorted(needed)}
    if options.report_to and is_in_block(options.report_to):
        name = parse_place(options.report_to).block
        try:
            buckets[name] = buckets[name] if name in buckets else _bucket(name)
        except Exception as error:  # noqa: BLE001 - a place for copies must never cost a backup
            tell(f"no report can be sent: {_why(error)}", mark=Mark.WARNING, step=13)
    s3.set_buckets(buckets)


def _credentials(name: str) -> Source:
    from prefect_aws import AwsCredentials  # noqa: PLC0415 - takes two seconds, which only those pay who use a block

    source = _source(_loaded(AwsCredentials, name), name)
    # One version of an API is that of one service; a block whose credentials are for all of them cannot mean that.
    return replace(source, client={key: value for key, value in source.client.items() if key != "api_version"})


def _bucket(name: str) -> s3.Bucket:
    from prefect_aws import S3Bucket  # noqa: PLC0415

    block = _loaded(S3Bucket, name)
    source = _source(block.credentials, name, "s3-bucket")
    if source == Source(source.name, region=source.region, client=source.client):  # it holds no credentials at all
        source = replace(session.default_source(), region=source.region, client=source.client)
    return s3.Bucket(block.bucket_name, block.bucket_folder, source)


def _source(credentials: "AwsCredentials | MinIOCredentials", name: str, kind: str = "aws-credentials") -> Source:
    """Return what a block has of credentials. The role of one is assumed by us, since a block never renews it."""
    from prefect_aws import MinIOCredentials  # noqa: PLC0415

    called = f"Prefect block {kind}/{name}"
    client = credentials.aws_client_parameters.get_params_override()
    if isinstance(credentials, MinIOCredentials):
        key, secret = credentials.minio_root_user, credentials.minio_root_password.get_secret_value()
        return Source(called, key, secret, region=credentials.region_name, client=client)
    hidden = credentials.aws_secret_access_key
    return Source(
        name=called,
        access_key=credentials.aws_access_key_id or None,
        secret_key=(hidden.get_secret_value() if hidden else None) or None,
        token=credentials.aws_session_token or None,
        profile=credentials.profile_name or None,
        region=credentials.region_name or None,
        role_arn=credentials.assume_role_arn or "",
        role_arguments=credentials.assume_role_kwargs.get_params_override(),
        client=client,
    )


def _loaded(kind: "type[Kind]", name: str) -> Kind:
    slug = f"{kind.get_block_type_slug()}/{name}"
    hint = f"Create or correct it in Prefect's UI under Blocks, with the type {kind.get_block_type_name()!r}."
    try:
        return cast("Kind", kind.load(name))  # as in every flow that is no coroutine
    except RuntimeError as error:
        if not isinstance(error.__cause__, ValidationError):
            raise
        # Its own words would show what the block holds.
        wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.__cause__.errors())
        raise UsageError(f"the Prefect block {slug} cannot be used: wrong or missing: {wrong}", hint=hint) from None
    except ValueError as error:  # what Prefect raises for a block that is not there
        if "Unable to find block document" not in str(error):
            raise UsageError(f"the Prefect block {slug} cannot be read", hint=hint) from None
        raise UsageError(f"there is no Prefect block {slug}{_others(kind)}", hint=hint) from None


def _others(kind: "type[Any]") -> str:
    from prefect.client.orchestration import get_client  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        documents = client.read_block_documents_by_type(kind.get_block_type_slug(), include_secrets=False)
    names = sorted(document.name for document in documents if document.name)
    return f"; there are {', '.join(names)}" if names else "; there is none of this type"


def _why(error: Exception) -> str:
    said = str(error) or type(error).__name__
    return f"{said}. {error.hint}" if isinstance(error, Ec2BackupError) else said
