// fs.renameSync of the file
// Moves the file into the allowed directory.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.renameSync(at.key, '/tmp/work/moved');
  return at.written();
};
