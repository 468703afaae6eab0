// fs.linkSync
// Gives the file a second name in the allowed directory and writes by that.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.linkSync(at.key, '/tmp/work/hard');
  fs.writeFileSync('/tmp/work/hard', 'changed');
  return at.written();
};
