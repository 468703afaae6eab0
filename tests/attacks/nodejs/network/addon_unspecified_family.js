// An addon: an address without a family
// Sends a datagram to an AF_UNSPEC address, which Linux takes for IPv4.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => {
  const { syscall } = at.native();
  const address = at.address4(at.FOE, at.PORT);
  address[0] = 0;
  return syscall(44, syscall(41, 2, 2, 0), Buffer.from(at.token), at.token.length, 0, address, 16) > 0;
};
