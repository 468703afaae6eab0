// An address that no name led to
// Connects to an address that the resolver never named.
// policy: allowed-names
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: at.FOE, port: at.PORT });
