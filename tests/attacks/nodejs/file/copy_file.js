// fs.copyFileSync
// Copies over a file, in the kernel.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync('/tmp/work/source', 'changed');
  fs.copyFileSync('/tmp/work/source', at.key);
  return at.written();
};
