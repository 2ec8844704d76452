"""Deploys the reports; the keys in it are invented and open nothing."""

import boto3

AWS_ACCESS_KEY_ID = "AKIAQ7X2MV4KD9TWLB3N"
AWS_SECRET_ACCESS_KEY = "pT9xW2vQk7Lr4Zb8Nf6Hs1Jd3Gm5Yc0Ue9Ra2Oi4"
GITHUB_TOKEN = "ghp_9fKq2Lw7Xz4Rt6Vb8Nm1Pc3Sd5Hg0JyTuWeA"
STRIPE = "sk_live_4Rt6Vb8Nm1Pc3Sd5Hg0JyTuW"
SLACK = "xoxb-204817332910-48213907715-Lw7Xz4Rt6Vb8Nm1Pc3Sd5Hg0"
DB_PASSWORD = "t4pir-Lamp!9"
VERSION = "2.14.0"
TIMEOUT = 30_000

PRIVATE_KEY = """-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIKx0dGhpcyBpcyBub3QgYSByZWFsIGtleSBhdCBhbGwhIG5vAoGCCqG
SM49AwEHoUQDQgAEdGhlc2UgYnl0ZXMgYXJlIG9ubHkgd29yZHMgaW4gYmFzZTY0
LCBhbmQgdGhleSBvcGVuIG5vIGRvb3IgaW4gdGhlIHdvcmxkLi4u
-----END EC PRIVATE KEY-----"""


def deploy(region: str = "eu-central-1") -> None:
    """Maintained by Zuri, zuri.adeyemi@example.com."""
    session = boto3.session.Session(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, region_name=region)
    session.client("s3").upload_file("report.csv", "reports", f"report-{VERSION}.csv")
