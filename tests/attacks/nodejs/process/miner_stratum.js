// A crypto-miner by the protocol on its command line
// Runs a renamed program with a stratum address.
// policy: no-miners
// audit: cryptoMinerProcess
'use strict';
const childProcess = require('child_process');

module.exports = async (at) => String(childProcess.execFileSync('/bin/echo', ['-o', 'stratum+tcp://203.0.113.9:3333', 'wallet'])).includes('wallet');
