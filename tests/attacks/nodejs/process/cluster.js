// cluster.fork
// Has the cluster module start a second Node.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const fs = require('fs');
const cluster = require('cluster');

module.exports = async (at) => {
  fs.writeFileSync('/tmp/work/clustered.js', `process.send('${at.PROOF}')`);
  (cluster.setupPrimary || cluster.setupMaster)({ exec: '/tmp/work/clustered.js', silent: true });
  const worker = cluster.fork();
  return at.ran(await new Promise((resolve) => {
    worker.on('message', resolve);
    worker.on('error', resolve);
    worker.process.on('exit', (code) => setTimeout(resolve, 200, `code ${code}`));
  }));
};
