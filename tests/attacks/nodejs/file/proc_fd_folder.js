// /proc/self/fd of a directory
// Writes by a path through an open directory.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync(`/proc/self/fd/${fs.openSync('/tmp/secret', 'r')}/proc_fd_folder.key`, 'changed');
  return at.written();
};
