// A question of one's own
// Writes the packet itself and sends it to the function's resolver.
// policy: allowed-names
// audit: dnsQuery
// proof: arrival
'use strict';
const dgram = require('dgram');

module.exports = async (at) => at.called((done) => dgram.createSocket('udp4').send(at.query(at.evil()), 53, at.RESOLVER, done));
