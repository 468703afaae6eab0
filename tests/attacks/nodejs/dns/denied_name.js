// A denied name
// Resolves a name that the deny list names.
// policy: denied-names
// audit: explicitlyDeniedDNS
// proof: arrival
'use strict';
const dns = require('dns');

module.exports = async (at) => at.called((done) => dns.lookup(at.evil(), done));
