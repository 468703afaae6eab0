// The denied directory itself
// Renames the directory that the deny list names.
// policy: denied-paths
// audit: explicitlyDeniedFile
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.renameSync('/tmp/secret', '/tmp/other');
  return !fs.existsSync('/tmp/secret');
};
