// A question over TCP
// Speaks DNS over a stream to the resolver.
// policy: allowed-names
// audit: dnsQuery
// proof: arrival
'use strict';
const net = require('net');

module.exports = async (at) => {
  const packet = at.query(at.evil());
  return new Promise((resolve, reject) => {
    const stream = net.connect(53, at.RESOLVER, () => stream.write(Buffer.concat([Buffer.from([0, packet.length]), packet])));
    stream.on('data', (data) => { stream.destroy(); resolve(data.includes('evil')); });
    stream.on('close', () => resolve(false));
    stream.on('error', reject);
  });
};
