// A path with ..
// Leaves the allowed directory by way of it.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync('/tmp/work/../secret/dots.key', 'changed');
  return at.written();
};
