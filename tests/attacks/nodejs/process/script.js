// A script with an interpreter line
// Executes a text file whose first line names the shell.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync('/tmp/work/script', `#!/bin/sh\n${at.COMMAND}\n`, { mode: 0o755 });
  return at.ran(childProcess.execFileSync('/tmp/work/script'));
};
