"""STS, which says of credentials that IAM does not know that they are a role session, as operators mostly have one."""

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from sandbox import identity


class SecurityTokenResponse(TokenResponse):
    """STS with the sandbox's own idea of who the caller is."""

    def get_caller_identity(self) -> ActionResult:
        """Answer GetCallerIdentity."""
        caller = identity.identity_of(self.get_access_key(), self.partition)
        account = caller.account if caller.known else self.current_account
        arn = caller.arn if caller.known else identity.operator(account, self.partition).arn
        return ActionResult({"UserId": caller.user_id, "Account": account, "Arn": arn})
