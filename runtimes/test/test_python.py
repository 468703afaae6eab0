"""Tests of the Python shim against the layer in $GAMBESON_LAYER (an unpacked ZIP). Runs on CPython 2.7 and 3.6 on:

    GAMBESON_LAYER=/path/to/layer python runtimes/test/test_python.py

The same tests must pass with a TW_POLICY (and AWS_LAMBDA_FUNCTION_NAME and AWS_REGION to fit it), where the handler is
wrapped, and without, where it is not.
"""

from __future__ import print_function

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

LAYER = os.path.abspath(os.environ.get("GAMBESON_LAYER", "."))
CALL = """
import json, traceback
try:
    import twistlock
    print("OUT " + json.dumps(twistlock.handler({"a": 1}, None)))
except Exception as error:
    print("OUT " + json.dumps([type(error).__name__, str(error)]))
"""


class Shim(unittest.TestCase):
    def setUp(self):
        self.task = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.task)

    def call(self, original, source):
        """What the handler answers, or the type and text of its exception, in a process of its own."""
        with open(os.path.join(self.task, "app.py"), "w") as file:
            file.write(source)
        env = dict(os.environ, PYTHONPATH=os.pathsep.join([self.task, os.path.join(LAYER, "python")]))
        env["ORIGINAL_HANDLER"] = original or ""
        process = subprocess.Popen([sys.executable, "-c", CALL], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = process.communicate()[0].decode("utf-8")
        lines = [line[4:] for line in output.splitlines() if line.startswith("OUT ")]
        self.assertTrue(lines, output)
        return json.loads(lines[-1])

    def test_handler_runs_with_its_own_name(self):
        source = "import os\ndef handler(event, context): return [event, os.environ['_HANDLER']]"
        self.assertEqual(self.call("app.handler", source), [{"a": 1}, "app.handler"])

    def test_exception_comes_through(self):
        self.assertEqual(self.call("app.handler", "def handler(event, context): raise KeyError('k')"), ["KeyError", "'k'"])

    def test_missing_handler(self):
        error = self.call("app.none", "")
        self.assertEqual(error[1], "Handler 'none' missing on module 'app'")
        self.assertIn(self.call("none.handler", "")[0], ("ImportError", "ModuleNotFoundError"))

    def test_broken_module(self):
        self.assertEqual(self.call("app.handler", "def handler(:")[0], "SyntaxError")

    def test_original_handler_unset_is_said(self):
        self.assertIn("ORIGINAL_HANDLER is not set", self.call(None, "")[1])


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.loadTestsFromTestCase(Shim))
    failed = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - failed, failed))
    sys.exit(1 if failed else 0)
