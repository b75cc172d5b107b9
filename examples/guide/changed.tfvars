weights     = [{ target = "canary", weight = 20 }, { target = "stable", weight = 90 }]
actions     = ["s3:*"]
group       = "pool-b"
db_password = "an-example-2"
