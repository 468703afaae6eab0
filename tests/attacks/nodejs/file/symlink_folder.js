// A symbolic link to a directory
// Writes below a link in the allowed directory.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.symlinkSync('/tmp/secret', '/tmp/work/folder');
  fs.writeFileSync('/tmp/work/folder/symlink_folder.key', 'changed');
  return at.written();
};
