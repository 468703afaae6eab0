// dns.resolve4
// The same by c-ares, which speaks DNS itself.
// policy: allowed-names
// audit: dnsQuery
// proof: arrival
'use strict';
const dns = require('dns');

module.exports = async (at) => at.called((done) => dns.resolve4(at.evil(), done));
