"""STS: who a caller is, and sessions of roles, which end by the sandbox's clock.

Of credentials that IAM does not know it says that they are a role session, as operators mostly have one.
"""

from datetime import timedelta
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from sandbox import identity
from sandbox.clock import CLOCK


class SecurityTokenResponse(TokenResponse):
    """STS with the sandbox's own idea of who the caller is."""

    def get_caller_identity(self) -> ActionResult:
        """Answer GetCallerIdentity."""
        caller = identity.identity_of(self.get_access_key(), self.partition)
        account = caller.account if caller.known else self.current_account
        arn = caller.arn if caller.known else identity.operator(account, self.partition).arn
        return ActionResult({"UserId": caller.user_id, "Account": account, "Arn": arn})

    def assume_role(self) -> ActionResult:
        """Answer AssumeRole: a session that is over by the sandbox's own clock."""
        answer = super().assume_role()
        session = cast("dict[str, Any]", answer.result)["Credentials"]
        lasts = timedelta(seconds=self._get_int_param("DurationSeconds", 3600))
        session.expiration = (CLOCK.now() + lasts).replace(tzinfo=None)
        return answer
