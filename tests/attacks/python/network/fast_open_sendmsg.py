"""TCP Fast Open: sendmsg
The same with sendmsg.
policy: denied-address
audit: explicitlyDeniedIP
since: 3.6
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.settimeout(None)
    stream.sendmsg([at.token], [], 0x20000000, (at.FOE, at.PORT))
    return at.token in stream.recv(100)
