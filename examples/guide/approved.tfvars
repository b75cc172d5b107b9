weights     = [{ target = "canary", weight = 10 }, { target = "stable", weight = 90 }]
actions     = ["s3:GetObject", "s3:ListBucket"]
group       = "pool-b"
db_password = "an-example-2"
