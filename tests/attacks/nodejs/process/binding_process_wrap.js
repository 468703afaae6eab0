// process.binding('process_wrap')
// Makes the handle under spawn by hand.
// policy: no-programs
// audit: unexpectedProcess
// until: 22
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const { Process } = process.binding('process_wrap');
  const child = new Process();
  const ended = new Promise((resolve) => { child.onexit = resolve; });
  const error = child.spawn({
    file: '/bin/sh', args: ['sh', '-c', `${at.COMMAND} > /tmp/work/wrapped`], envPairs: ['PATH=/usr/bin:/bin'],
    stdio: [{ type: 'ignore' }, { type: 'ignore' }, { type: 'ignore' }],
  });
  if (error) return false;
  await ended;
  return at.ran(fs.readFileSync('/tmp/work/wrapped'));
};
