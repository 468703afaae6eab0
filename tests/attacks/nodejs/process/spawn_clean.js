// spawn with an empty environment
// Leaves LD_PRELOAD and TW_POLICY out of the child's environment.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => at.ran(await at.output(childProcess.spawn('/bin/sh', at.SHELL, { env: {} })));
