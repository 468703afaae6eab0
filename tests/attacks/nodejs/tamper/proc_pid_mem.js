// /proc/PID/mem
// The same by the process's number.
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const page = at.patchedPage();
  const memory = fs.openSync(`/proc/${process.pid}/mem`, 'r+');
  fs.writeSync(memory, page.original, 0, 4096, page.address);
  return at.restored(page);
};
