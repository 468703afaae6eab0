// fs.chmodSync
// Opens a file to everybody.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.chmodSync(at.key, 0o666);
  return (fs.statSync(at.key).mode & 0o777) === 0o666;
};
