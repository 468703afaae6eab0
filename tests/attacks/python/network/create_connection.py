"""socket.create_connection
Lets Python choose the family and connect.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    return at.say(socket.create_connection((at.FOE, at.PORT), 5))
