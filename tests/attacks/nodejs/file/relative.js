// A relative path
// Changes into the directory first.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  process.chdir('/tmp/secret');
  fs.writeFileSync('relative.key', 'changed');
  return at.written();
};
