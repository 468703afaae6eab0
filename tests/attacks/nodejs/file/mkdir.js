// fs.mkdirSync
// Makes a directory.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.mkdirSync('/tmp/secret/made');
  return fs.existsSync('/tmp/secret/made');
};
