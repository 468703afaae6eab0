"""open for update
Opens a file for reading and writing and changes it in place.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    with open(at.key, 'r+') as file:
        file.write('changed')
    return at.written()
