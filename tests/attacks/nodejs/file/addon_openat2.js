// An addon: openat2
// Opens by the call that no C library function makes.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
module.exports = async (at) => {
  const { syscall } = at.native();
  const how = Buffer.alloc(24);
  how[0] = 1;
  syscall(1, syscall(437, -100, at.key, how, 24), Buffer.from('changed'), 7);
  return at.written();
};
