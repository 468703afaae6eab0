// Reading through a link
// Reads by a symbolic link elsewhere.
// policy: denied-reads
// audit: explicitlyDeniedFile
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.symlinkSync(at.key, '/tmp/work/read-link');
  return at.told(fs.readFileSync('/tmp/work/read-link'));
};
