"""A crypto-miner by its pool
Runs a renamed program with the name of a known pool.
policy: no-miners
audit: cryptoMinerProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(["/bin/echo", "-o", "pool.supportxmr.com:443", "wallet"])
    at.note(text)
    return b"wallet" in text
