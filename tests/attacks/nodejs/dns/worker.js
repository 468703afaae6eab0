// A worker asks
// Resolves the name in another thread.
// policy: allowed-names
// audit: dnsQuery
// since: 12
// proof: arrival
'use strict';
module.exports = async (at) => {
  return at.inWorker(`const { parentPort } = require('worker_threads');
    require('dns').resolve4('${at.evil()}', (error) => parentPort.postMessage(!error));`);
};
