// net.connect
// Connects to a denied address and sends a byte.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: at.FOE, port: at.PORT });
