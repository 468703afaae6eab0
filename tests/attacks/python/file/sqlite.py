"""sqlite3
Has SQLite make a database there.
policy: allowed-paths
audit: regFileAccess
since: 3.6
"""
import sqlite3


def attack(at):
    base = sqlite3.connect('/tmp/secret/base.db')
    base.execute('create table t (a)')
    base.close()
    return at.there('/tmp/secret/base.db')
