// fs.writeFileSync
// Overwrites a file.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync(at.key, 'changed');
  return at.written();
};
