// A file written by an allowed program
// Has a shell, which is allowed, write.
// policy: network-of-children
// audit: explicitlyDeniedFile
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => {
  childProcess.spawnSync('/bin/sh', ['-c', `echo changed > ${at.key}`]);
  return at.written();
};
