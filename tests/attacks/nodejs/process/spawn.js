// child_process.spawn
// Starts a program and reads its output as it comes.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => at.ran(await at.output(childProcess.spawn('/bin/sh', at.SHELL)));
