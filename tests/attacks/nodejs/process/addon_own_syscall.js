// An addon with its own system-call instruction
// Loads an addon that asks the kernel itself.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const output = fs.openSync('/tmp/work/own', 'w+');
  at.native().start(1, output);
  return at.ran(fs.readFileSync('/tmp/work/own'));
};
