// /proc/self/task/TID/mem
// The same by the thread's number.
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const page = at.patchedPage();
  const memory = fs.openSync(`/proc/self/task/${process.pid}/mem`, 'r+');
  fs.writeSync(memory, page.original, 0, 4096, page.address);
  return at.restored(page);
};
