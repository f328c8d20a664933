# caller-policy.json, filled in: statements that nobody asked for are left out, and what is said of a vault is said of
# the vault in each Region.

locals {
  regions = distinct(concat([local.region], var.more_regions))

  left_out = compact([
    var.csv == "" ? "ReadTheList" : "",
    var.report_to == "" ? "SendReports" : "",
    var.notify_topic == "" ? "TellTheTopic" : "",
    var.account_role == "" ? "EnterOtherAccounts" : "",
  ])

  filled_in = [for region in local.regions : jsondecode(templatefile("${path.module}/caller-policy.json", {
    ACCOUNT      = local.account
    REGION       = region
    VAULT        = var.vault
    ROLE         = split(":role/", local.role_arn)[1]
    CSV          = var.csv
    REPORTS      = var.report_to
    TOPIC        = var.notify_topic
    ACCOUNT_ROLE = var.account_role
  }))]

  statements = [for place, statement in local.filled_in[0].Statement : merge(statement, {
    Resource = distinct(flatten([for document in local.filled_in : document.Statement[place].Resource]))
  }) if !contains(local.left_out, statement.Sid)]

  caller_policy = replace(
    jsonencode({ Version = "2012-10-17", Statement = local.statements }), "\"arn:aws:", "\"arn:${local.partition}:"
  )
}
