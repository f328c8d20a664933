variable "vault" {
  description = "The backup vault."
  type        = string
  default     = "EC2-Backup"
}

variable "role" {
  description = "The role that AWS Backup assumes."
  type        = string
  default     = "AWSBackupDefaultServiceRole"
}

variable "role_path" {
  description = "The path of that role; the console's default role has /service-role/."
  type        = string
  default     = "/service-role/"
}

variable "policy" {
  description = "The policy for whoever runs backups."
  type        = string
  default     = "EC2BackupCaller"
}

variable "more_regions" {
  description = "Further Regions whose vaults of the same name the policy allows."
  type        = list(string)
  default     = []
}

variable "csv" {
  description = "BUCKET/KEY of an inventory in S3 that the policy lets the caller read."
  type        = string
  default     = ""
}

variable "report_to" {
  description = "BUCKET/PREFIX in S3 where the policy lets the caller put reports."
  type        = string
  default     = ""
}

variable "notify_topic" {
  description = "The ARN of an SNS topic to which the policy lets the caller publish."
  type        = string
  default     = ""
}

variable "copy_to" {
  description = "The ARN of the vault that backups are copied into, which may hold *; a policy of its own lets the caller."
  type        = string
  default     = ""
}

variable "account_role" {
  description = "The role in other accounts that the policy lets the caller assume to run backups there."
  type        = string
  default     = ""
}

variable "trusted_caller" {
  description = "The ARN in another account that may assume a role here to run backups; empty for no such role."
  type        = string
  default     = ""
}

variable "external_id" {
  description = "What that caller has to say; agree on it with nobody else."
  type        = string
  default     = ""

  validation {
    condition     = var.external_id == "" || can(regex("^[\\w+=,.@:/-]{2,1224}$", var.external_id))
    error_message = "An external id has 2 to 1224 letters, digits and + = , . @ : / - _ characters."
  }
}

variable "cross_account_role" {
  description = "The name of that role."
  type        = string
  default     = "EC2BackupAutomation"
}
