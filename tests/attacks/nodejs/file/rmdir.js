// fs.rmdirSync
// Removes a directory.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.rmdirSync('/tmp/secret/empty');
  return !fs.existsSync('/tmp/secret/empty');
};
