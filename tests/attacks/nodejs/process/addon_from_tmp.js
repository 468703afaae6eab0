// The same addon, from /tmp
// Loads a copy of it from where the function can write.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.copyFileSync('/var/task/native.node', '/tmp/work/copy.node');
  const addon = { exports: {} };
  process.dlopen(addon, '/tmp/work/copy.node');
  const output = fs.openSync('/tmp/work/from-tmp', 'w+');
  addon.exports.start(1, output);
  return at.ran(fs.readFileSync('/tmp/work/from-tmp'));
};
