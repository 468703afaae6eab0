// A worker thread
// Connects from another thread.
// policy: denied-address
// audit: explicitlyDeniedIP
// since: 12
// proof: arrival
'use strict';
module.exports = async (at) => {
  return at.inWorker(`const { parentPort } = require('worker_threads');
    const socket = require('net').connect(${at.PORT}, '${at.FOE}', () => socket.write('${at.token}'));
    socket.on('data', () => { socket.destroy(); parentPort.postMessage(true); });
    socket.on('error', () => parentPort.postMessage(false));`);
};
