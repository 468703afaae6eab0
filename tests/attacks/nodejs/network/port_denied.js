// A denied port
// Connects to a port that the deny list names.
// policy: denied-port
// audit: explicitlyDeniedOutboundPort
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: at.FRIEND, port: at.PORT });
