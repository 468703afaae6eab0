// dns.promises
// The same by promises.
// policy: allowed-names
// audit: dnsQuery
// since: 12
// proof: arrival
'use strict';
const dns = require('dns');

module.exports = async (at) => dns.promises.resolve6(at.evil());
