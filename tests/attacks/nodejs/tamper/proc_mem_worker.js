// /proc/self/mem from a worker
// Writes from another thread.
// policy: no-tampering
// audit: policyHijacked
// since: 12
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const page = at.patchedPage();
  await at.inWorker(`const fs = require('fs');
    fs.writeSync(fs.openSync('/proc/self/mem', 'r+'), Buffer.from('${page.original.toString('base64')}', 'base64'), 0, 4096, ${page.address});
    require('worker_threads').parentPort.postMessage(1);`);
  return at.restored(page);
};
