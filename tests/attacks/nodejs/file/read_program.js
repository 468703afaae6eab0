// Reading by a program
// Has an allowed program print the file.
// policy: denied-reads
// audit: explicitlyDeniedFile
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => at.told(childProcess.execFileSync('/bin/cat', [at.key]));
