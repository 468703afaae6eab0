// dgram: send
// Sends a datagram without a connection.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
const dgram = require('dgram');

module.exports = async (at) => at.called((done) => dgram.createSocket('udp4').send(at.token, at.PORT, at.FOE, done));
