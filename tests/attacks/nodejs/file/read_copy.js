// Reading a copy
// Copies the file, in the kernel, and reads that.
// policy: denied-reads
// audit: explicitlyDeniedFile
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.copyFileSync(at.key, '/tmp/work/read-copy');
  return at.told(fs.readFileSync('/tmp/work/read-copy'));
};
