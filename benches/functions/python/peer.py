"""The same function behind the peer, set up as its documentation says for AWS Lambda."""
import aikido_zen
from aikido_zen.aws_lambda import protect

aikido_zen.protect()


@protect
def handler(event, context):
    return {"statusCode": 200, "body": "ok"}
