// Listening on a port that the kernel chooses
// Listens on port 0.
// policy: allowed-listening
// audit: unexpectedListeningPort
'use strict';
const net = require('net');

module.exports = async (at) => {
  const server = net.createServer((stream) => stream.end(at.token));
  await new Promise((resolve, reject) => { server.on('error', reject); server.listen(0, resolve); });
  try {
    return await at.received(server.address().port);
  } finally {
    server.close();
  }
};
