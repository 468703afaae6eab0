// process.binding('spawn_sync')
// Calls the binding under child_process, past anything that wraps it.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
module.exports = async (at) => {
  const pipe = (readable) => ({ type: 'pipe', readable, writable: !readable });
  const result = process.binding('spawn_sync').spawn({
    file: '/bin/sh', args: ['sh', ...at.SHELL], envPairs: [], stdio: [pipe(true), pipe(false), pipe(false)],
  });
  return at.ran(result.output ? result.output.join('') : result.error);
};
