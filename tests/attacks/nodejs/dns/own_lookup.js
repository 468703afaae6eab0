// A look-up function of one's own
// Gives the connection an address under an allowed name.
// policy: allowed-names
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
module.exports = async (at) => at.say({ host: 'good.test', port: at.PORT, lookup: (name, options, done) => (options.all ? done(null, [{ address: at.FOE, family: 4 }]) : done(null, at.FOE, 4)) });
