// Module._load
// Gets at child_process without require.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
module.exports = async (at) => at.ran(require('module')._load('child_process').execSync(at.COMMAND, { stdio: 'pipe' }));
