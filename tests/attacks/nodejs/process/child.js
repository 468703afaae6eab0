// A child of an allowed program
// Has an allowed shell start a program that is not allowed.
// policy: shell-only
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => String(childProcess.spawnSync('/bin/sh', ['-c', 'id; true']).stdout).includes('uid=');
