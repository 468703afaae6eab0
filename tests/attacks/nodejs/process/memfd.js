// A program in memory
// Writes a program into a memory file and executes it by its path in /proc.
// policy: no-programs
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');
const fs = require('fs');

module.exports = async (at) => {
  const file = at.native().syscall(319, 'memory', 0);
  fs.writeSync(file, fs.readFileSync('/bin/sh'));
  return at.ran(childProcess.spawnSync(`/proc/${process.pid}/fd/${file}`, at.SHELL).stdout);
};
