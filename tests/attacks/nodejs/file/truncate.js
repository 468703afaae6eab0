// fs.truncateSync
// Empties a file.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.truncateSync(at.key);
  return at.written();
};
