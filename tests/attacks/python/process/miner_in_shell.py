"""A crypto-miner on a shell's command line
Hides the address in a shell's command.
policy: no-miners
audit: cryptoMinerProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(["/bin/sh", "-c", "exec 2>/dev/null; echo --algo=rx --url=stratum+ssl://203.0.113.9:443 wallet"])
    at.note(text)
    return b"wallet" in text
