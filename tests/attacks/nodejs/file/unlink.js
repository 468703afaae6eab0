// fs.unlinkSync
// Removes a file.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.unlinkSync(at.key);
  return at.written();
};
