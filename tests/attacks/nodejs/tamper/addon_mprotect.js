// An addon: mprotect
// Makes patched code writable, and writes to it by read().
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const page = at.patchedPage();
  const { syscall } = at.native();
  fs.writeFileSync('/tmp/work/page', page.original);
  if (syscall(10, page.address, 4096, 7) < 0) return false;
  syscall(0, fs.openSync('/tmp/work/page', 'r'), page.address, 4096);
  return at.restored(page);
};
