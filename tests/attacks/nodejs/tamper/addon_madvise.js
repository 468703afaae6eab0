// An addon: madvise
// Drops the patched copy of the page, so that the file's bytes come back.
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
module.exports = async (at) => {
  const page = at.patchedPage();
  at.native().syscall(28, page.address, 4096, 4);
  return at.restored(page);
};
