// An addon: open
// Opens through libc's syscall().
// policy: allowed-paths
// audit: regFileAccess
'use strict';
module.exports = async (at) => {
  const { syscall } = at.native();
  syscall(1, syscall(2, at.key, 1, 0), Buffer.from('changed'), 7);
  return at.written();
};
