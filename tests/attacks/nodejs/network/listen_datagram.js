// dgram: bind
// Binds a UDP port and receives from a stranger.
// policy: allowed-listening
// audit: unexpectedListeningPort
'use strict';
const dgram = require('dgram');

module.exports = async (at) => {
  const receiver = dgram.createSocket('udp4');
  await new Promise((resolve, reject) => { receiver.on('error', reject); receiver.bind(9999, resolve); });
  const heard = new Promise((resolve) => { receiver.on('message', (data) => resolve(String(data) === at.token)); });
  dgram.createSocket('udp4').send(at.token, 9999, '127.0.0.1');
  try {
    return await heard;
  } finally {
    receiver.close();
  }
};
