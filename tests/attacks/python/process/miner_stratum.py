"""A crypto-miner by the protocol on its command line
Runs a renamed program with a stratum address.
policy: no-miners
audit: cryptoMinerProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(["/bin/echo", "-o", "stratum+tcp://203.0.113.9:3333", "-u", "wallet"])
    at.note(text)
    return b"wallet" in text
