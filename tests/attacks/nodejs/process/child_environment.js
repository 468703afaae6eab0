// A child with an emptied environment
// Has allowed programs empty the environment before they go on.
// policy: shell-only
// audit: unexpectedProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => String(childProcess.spawnSync('/usr/bin/env', ['-i', '/bin/sh', '-c', 'unset LD_PRELOAD TW_POLICY; /usr/bin/id; true']).stdout).includes('uid=');
