// A denied path
// Writes where the deny list says.
// policy: denied-paths
// audit: explicitlyDeniedFile
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync(at.key, 'changed');
  return at.written();
};
