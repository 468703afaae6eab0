// /proc/self/fd of a file
// Opens a file for reading and opens its descriptor again for writing.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync(`/proc/self/fd/${fs.openSync(at.key, 'r')}`, 'changed');
  return at.written();
};
