// child_process.fork
// Starts a second Node, which answers through a channel.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');
const fs = require('fs');

module.exports = async (at) => {
  fs.writeFileSync('/tmp/work/forked.js', `process.send('${at.PROOF}')`);
  const child = childProcess.fork('/tmp/work/forked.js', [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return at.ran(await new Promise((resolve) => {
    child.on('message', resolve);
    child.on('error', resolve);
    child.on('exit', (code) => setTimeout(resolve, 200, `code ${code}`));
  }));
};
