// child_process.execFile
// Starts a program from a list of arguments.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => at.ran(await at.called((done) => childProcess.execFile('/bin/sh', at.SHELL, done)));
