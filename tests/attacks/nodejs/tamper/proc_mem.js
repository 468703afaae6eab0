// /proc/self/mem
// Writes through the file of one's own memory, which knows no protection: no native code needed.
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const page = at.patchedPage();
  const memory = fs.openSync('/proc/self/mem', 'r+');
  fs.writeSync(memory, page.original, 0, 4096, page.address);
  return at.restored(page);
};
