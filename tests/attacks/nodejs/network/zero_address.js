// 0.0.0.0 for this machine
// Connects to 0.0.0.0, which leads to denied 127.0.0.1.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: '0.0.0.0', port: at.PORT });
