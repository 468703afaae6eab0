// A static program of one's own
// Executes a program from /tmp that no library can be loaded into.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');
const fs = require('fs');

module.exports = async (at) => {
  fs.copyFileSync('/var/task/static', '/tmp/work/static');
  fs.chmodSync('/tmp/work/static', 0o755);
  return at.ran(childProcess.execFileSync('/tmp/work/static'));
};
