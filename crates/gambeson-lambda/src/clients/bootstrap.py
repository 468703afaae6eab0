"""Starts the runtime client the way Lambda's managed Python runtime does.

Usage: bootstrap.py LAYERS, where LAYERS is the directory of the layers (/opt).
"""

import os
import sys

# Before the function's own directories are on sys.path: a module of the function must not take this one's place.
from awslambdaric.__main__ import main


def search_path(layers):
    if "PYTHONPATH" not in os.environ:
        version = "python{}.{}".format(sys.version_info[0], sys.version_info[1])
        sys.path.insert(0, os.path.join(layers, "python"))
        sys.path.insert(0, os.path.join(layers, "python", "lib", version, "site-packages"))
        # For the function's child processes.
        os.environ["PYTHONPATH"] = os.environ["LAMBDA_RUNTIME_DIR"]
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])


if __name__ == "__main__":
    search_path(sys.argv[1])
    main([sys.argv[0], os.environ["_HANDLER"]])
