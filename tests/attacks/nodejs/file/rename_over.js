// fs.renameSync over a file
// Puts a file of one's own in its place.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync('/tmp/work/new', 'changed');
  fs.renameSync('/tmp/work/new', at.key);
  return at.written();
};
