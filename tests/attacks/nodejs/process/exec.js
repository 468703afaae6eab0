// child_process.exec
// Passes a command line to a shell: what an injected command does.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => at.ran(await at.called((done) => childProcess.exec(at.COMMAND, done)));
