"""The same function behind the peer, set up as its documentation says for AWS Lambda."""
import aikido_zen
from aikido_zen.aws_lambda import protect

aikido_zen.protect()

import app  # noqa: E402: what the peer is to wrap is imported after it


@protect
def handler(event, context):
    return app.handler(event, context)
