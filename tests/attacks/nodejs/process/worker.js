// exec in a worker thread
// Starts a program from another thread with its own V8.
// policy: no-programs
// audit: unexpectedProcess
// since: 12
'use strict';
module.exports = async (at) => {
  return at.ran(await at.inWorker(`const { parentPort } = require('worker_threads');
    const result = require('child_process').spawnSync('/bin/sh', ${JSON.stringify(at.SHELL)});
    parentPort.postMessage(String(result.stdout));`));
};
