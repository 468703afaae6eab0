// fs.mkdtempSync
// Makes a directory with a name of the system's.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const made = fs.mkdtempSync('/tmp/secret/made-');
  return fs.existsSync(made);
};
