// spawn in a session of its own
// Leaves the session and process group, as a daemon does.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => at.ran(await at.output(childProcess.spawn('/bin/sh', at.SHELL, { detached: true })));
