// fs.createWriteStream
// Writes a stream.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  await new Promise((resolve, reject) => fs.createWriteStream(at.key).on('error', reject).end('changed', resolve));
  return at.written();
};
