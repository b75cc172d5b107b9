# The stack behind the plans of docs/guides/plans.md. It needs no provider but the built-in one, so it plans anywhere.

variable "weights" {
  type = list(object({ target = string, weight = number }))
}

variable "actions" {
  type = list(string)
}

variable "group" {
  type = string
}

variable "legacy" {
  type    = bool
  default = false
}

variable "db_password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "listener" {
  input = { weights = var.weights }
}

resource "terraform_data" "policy" {
  input = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.actions, Resource = "*" }]
  })
}

resource "terraform_data" "subnet_group" {
  triggers_replace = [var.group]
  input            = { name = var.group, password = var.db_password }
}

resource "terraform_data" "user_data" {
  input = <<-EOT
    #!/bin/sh
    set -eu
    pool --listen 8080 --group ${var.group}
    exec pool-agent
  EOT
}

resource "terraform_data" "legacy" {
  count = var.legacy ? 1 : 0
  input = "legacy"
}

resource "terraform_data" "cache" {
  count = var.legacy ? 0 : 1
  input = { size = 2 }
}

check "weights" {
  assert {
    condition     = sum(var.weights[*].weight) == 100
    error_message = "the weights add up to ${sum(var.weights[*].weight)}, not 100"
  }
}

output "group" {
  value = var.group
}

output "db_password" {
  value     = var.db_password
  sensitive = true
}
