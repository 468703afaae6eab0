"""A crypto-miner by its name
Runs a program that is called as a known miner.
policy: no-miners
audit: cryptoMinerProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output([at.copied('/var/task/static', '/tmp/work/xmrig')]))
