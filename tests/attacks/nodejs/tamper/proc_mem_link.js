// /proc/self/mem by a symbolic link
// Makes a link to it in /tmp.
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const page = at.patchedPage();
  fs.symlinkSync('/proc/self/mem', '/tmp/work/mem');
  const memory = fs.openSync('/tmp/work/mem', 'r+');
  fs.writeSync(memory, page.original, 0, 4096, page.address);
  return at.restored(page);
};
