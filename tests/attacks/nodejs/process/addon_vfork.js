// An addon: vfork and execve
// Loads an addon of one's own that starts a program in C.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const output = fs.openSync('/tmp/work/addon', 'w+');
  at.native().start(0, output);
  return at.ran(fs.readFileSync('/tmp/work/addon'));
};
