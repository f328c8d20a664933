# What one account needs, in one Region, to be backed up: a vault with its key, the role that AWS Backup assumes, the
# policy for whoever runs the backups, and, where it is asked for, a role for a caller of another account.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = split(":", aws_backup_vault.backups.arn)[3] # aws_region calls it otherwise in version 5 than in 6
  role_arn  = aws_iam_role.service.arn
}

resource "aws_kms_key" "vault" {
  description         = "Encrypts the backup vault of EC2 Backup Automation"
  enable_key_rotation = true
}

resource "aws_kms_alias" "vault" {
  name          = "alias/ec2-backup"
  target_key_id = aws_kms_key.vault.key_id
}

resource "aws_backup_vault" "backups" {
  name        = var.vault
  kms_key_arn = aws_kms_key.vault.arn

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_role" "service" {
  name               = var.role
  path               = var.role_path
  description        = "AWS Backup assumes it"
  assume_role_policy = file("${path.module}/service-role-trust.json")
}

resource "aws_iam_role_policy_attachment" "service" {
  for_each = toset(["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"])

  role       = aws_iam_role.service.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/${each.value}"
}

resource "aws_iam_policy" "caller" {
  name        = var.policy
  description = "What EC2 Backup Automation calls, and nothing else"
  policy      = local.caller_policy
}

resource "aws_iam_policy" "copies" {
  count = var.copy_to == "" ? 0 : 1

  name        = "${var.policy}Copies"
  description = "What copies call beside what backups do"
  policy = replace(templatefile("${path.module}/copies-policy.json", {
    COPY_VAULT_ARN = var.copy_to
  }), "\"arn:aws:", "\"arn:${local.partition}:")
}

resource "aws_iam_role" "cross_account" {
  count = var.trusted_caller == "" ? 0 : 1

  name        = var.cross_account_role
  description = "Runs EC2 Backup Automation from another account"
  assume_role_policy = templatefile("${path.module}/cross-account-role-trust.json", {
    CALLER      = var.trusted_caller
    EXTERNAL_ID = var.external_id
  })

  lifecycle {
    precondition {
      condition     = var.external_id != ""
      error_message = "Set external_id together with trusted_caller."
    }
  }
}

resource "aws_iam_role_policy_attachment" "cross_account" {
  count = length(aws_iam_role.cross_account)

  role       = aws_iam_role.cross_account[count.index].name
  policy_arn = aws_iam_policy.caller.arn
}

resource "aws_iam_role_policy_attachment" "cross_account_copies" {
  count = length(aws_iam_role.cross_account) * length(aws_iam_policy.copies)

  role       = aws_iam_role.cross_account[count.index].name
  policy_arn = aws_iam_policy.copies[count.index].arn
}

output "vault_arn" {
  value = aws_backup_vault.backups.arn
}

output "service_role_arn" {
  value = local.role_arn
}

output "caller_policy_arn" {
  description = "Attach it to whoever runs the backups."
  value       = aws_iam_policy.caller.arn
}

output "copies_policy_arn" {
  description = "Attach it beside the caller's where backups are copied."
  value       = one(aws_iam_policy.copies[*].arn)
}

output "cross_account_role_arn" {
  value = one(aws_iam_role.cross_account[*].arn)
}
