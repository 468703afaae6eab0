// A question over TCP, a byte at a time
// Splits length and name over many writes.
// policy: allowed-names
// audit: dnsQuery
// proof: arrival
'use strict';
const net = require('net');

module.exports = async (at) => {
  const packet = at.query(at.evil());
  return new Promise((resolve, reject) => {
    const stream = net.connect(53, at.RESOLVER, async () => {
      stream.setNoDelay(true);
      for (const byte of Buffer.concat([Buffer.from([0, packet.length]), packet])) {
        await new Promise((written) => stream.write(Buffer.from([byte]), written));
      }
    });
    stream.on('data', (data) => { stream.destroy(); resolve(data.includes('evil')); });
    stream.on('close', () => resolve(false));
    stream.on('error', reject);
  });
};
