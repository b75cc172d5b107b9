weights     = [{ target = "stable", weight = 100 }]
actions     = ["s3:GetObject"]
group       = "pool-a"
legacy      = true
db_password = "an-example-1"
