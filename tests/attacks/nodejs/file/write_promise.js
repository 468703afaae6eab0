// fs.promises.writeFile
// The same from the thread pool.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  await fs.promises.writeFile(at.key, 'changed');
  return at.written();
};
