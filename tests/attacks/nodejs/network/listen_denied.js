// A denied port to listen on
// Opens a port that the deny list names.
// policy: denied-listening
// audit: explicitlyDeniedListeningPort
'use strict';
const net = require('net');

module.exports = async (at) => {
  const server = net.createServer((stream) => stream.end(at.token));
  await new Promise((resolve, reject) => { server.on('error', reject); server.listen(9999, resolve); });
  try {
    return await at.received(server.address().port);
  } finally {
    server.close();
  }
};
