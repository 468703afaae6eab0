// An allowed name in /tmp
// Puts a program of one's own under an allowed program's name.
// policy: listed-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');
const fs = require('fs');

module.exports = async (at) => {
  fs.copyFileSync('/bin/sh', '/tmp/work/echo');
  return at.ran(childProcess.execFileSync('/tmp/work/echo', at.SHELL));
};
