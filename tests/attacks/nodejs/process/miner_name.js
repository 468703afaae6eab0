// A crypto-miner by its name
// Runs a program that is called as a known miner.
// policy: no-miners
// audit: cryptoMinerProcess
'use strict';
const childProcess = require('child_process');
const fs = require('fs');

module.exports = async (at) => {
  fs.copyFileSync('/var/task/static', '/tmp/work/xmrig');
  fs.chmodSync('/tmp/work/xmrig', 0o755);
  return at.ran(childProcess.execFileSync('/tmp/work/xmrig'));
};
