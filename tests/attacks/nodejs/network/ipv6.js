// IPv6
// Connects to a denied IPv6 network.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: at.FOE6, port: at.PORT });
