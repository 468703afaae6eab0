// A denied program by a symbolic link
// Runs it through a link with another name.
// policy: denied-program
// audit: explicitlyDeniedProcess
'use strict';
const childProcess = require('child_process');
const fs = require('fs');

module.exports = async (at) => {
  fs.symlinkSync('/usr/bin/id', '/tmp/work/harmless');
  return String(childProcess.execFileSync('/tmp/work/harmless')).includes('uid=');
};
