// /proc/self/root
// Writes by a path through the process's root.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync(`/proc/self/root${at.key}`, 'changed');
  return at.written();
};
