// An address that no list allows
// Connects to an address beside the allowed one.
// policy: allowed-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: at.FOE, port: at.PORT });
