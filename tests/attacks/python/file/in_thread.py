"""Another thread
Writes from a thread.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    at.in_thread(lambda: open(at.key, 'w').close())
    return at.written()
