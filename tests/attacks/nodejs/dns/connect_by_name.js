// net.connect by a name
// Leaves the resolution to the connection.
// policy: allowed-names
// audit: dnsQuery
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: at.evil(), port: at.PORT });
