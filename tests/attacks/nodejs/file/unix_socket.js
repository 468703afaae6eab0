// A UNIX socket
// Listens on a socket, which makes a file.
// policy: allowed-paths
// audit: regFileAccess
'use strict';
const fs = require('fs');
const net = require('net');

module.exports = async (at) => {
  const server = net.createServer();
  await new Promise((resolve, reject) => { server.on('error', reject); server.listen('/tmp/secret/socket', resolve); });
  const made = fs.existsSync('/tmp/secret/socket');
  server.close();
  return made;
};
