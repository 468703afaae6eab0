// fs.copyFileSync, cloning
// Asks for a copy that shares its blocks.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync('/tmp/work/clone', 'changed');
  fs.copyFileSync('/tmp/work/clone', at.key, fs.constants.COPYFILE_FICLONE);
  return at.written();
};
