// fs.fchmodSync
// The same by a descriptor for reading.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.fchmodSync(fs.openSync(at.key, 'r'), 0o666);
  return (fs.statSync(at.key).mode & 0o777) === 0o666;
};
