// child_process.execSync
// The same, waiting for it.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => at.ran(childProcess.execSync(at.COMMAND, { stdio: 'pipe' }));
