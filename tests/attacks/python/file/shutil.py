"""shutil.copyfile
Copies a file over it, which the kernel does by copy_file_range or sendfile.
policy: allowed-paths
audit: regFileAccess
"""
import shutil


def attack(at):
    open('/tmp/work/source', 'w').write('changed')
    shutil.copyfile('/tmp/work/source', at.key)
    return at.written()
