"""A crypto-miner by its pool in an option
Runs a renamed program with the name of a known pool behind an option's equals sign.
policy: no-miners
audit: cryptoMinerProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(["/bin/echo", "--url=pool.supportxmr.com:443", "wallet"])
    at.note(text)
    return b"wallet" in text
