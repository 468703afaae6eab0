// fs.symlinkSync
// Puts a link where nothing may be made.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.symlinkSync('/etc/passwd', '/tmp/secret/made-link');
  return fs.lstatSync('/tmp/secret/made-link').isSymbolicLink();
};
