// An IPv4 address as IPv6
// Writes the denied address as ::ffff:203.0.113.81.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: `::ffff:${at.FOE}`, port: at.PORT });
