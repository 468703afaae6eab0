// dgram: connect and send
// Connects a datagram socket first.
// policy: denied-address
// audit: explicitlyDeniedIP
// since: 12
// proof: arrival
'use strict';
const dgram = require('dgram');

module.exports = async (at) => {
  const socket = dgram.createSocket('udp4');
  await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.connect(at.PORT, at.FOE, (error) => (error ? reject(error) : resolve()));
  });
  return at.called((done) => socket.send(at.token, done));
};
