// A symbolic link to a file
// Writes through a link in the allowed directory.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.symlinkSync(at.key, '/tmp/work/link');
  fs.writeFileSync('/tmp/work/link', 'changed');
  return at.written();
};
