// fs.appendFileSync
// Adds to a file.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.appendFileSync(at.key, 'changed');
  return at.written();
};
