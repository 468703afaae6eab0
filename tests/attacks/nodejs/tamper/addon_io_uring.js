// An addon: io_uring
// Sets up a ring through which calls pass without a system-call instruction each.
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
module.exports = async (at) => {
  const ring = at.native().syscall(425, 8, Buffer.alloc(120));
  return ring > 0;
};
