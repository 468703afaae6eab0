// A worker thread
// Writes from another thread.
// policy: allowed-paths
// audit: regFileAccess
// since: 12
'use strict';
module.exports = async (at) => {
  await at.inWorker(`require('fs').writeFileSync('${at.key}', 'changed'); require('worker_threads').parentPort.postMessage(1);`);
  return at.written();
};
