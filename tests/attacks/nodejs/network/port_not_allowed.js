// A port that no list allows
// Connects to another port than the allowed ones.
// policy: allowed-port
// audit: unexpectedOutboundPort
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: at.FRIEND, port: at.PORT });
