// A new context of vm
// Runs the code in a context that nobody has wrapped.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
module.exports = async (at) => {
  const code = "load('child_process').execSync(command, { stdio: 'pipe' }).toString()";
  return at.ran(require('vm').runInNewContext(code, { load: require, command: at.COMMAND }));
};
