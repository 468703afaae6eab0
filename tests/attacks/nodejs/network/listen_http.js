// http.createServer
// Serves HTTP.
// policy: allowed-listening
// audit: unexpectedListeningPort
'use strict';
const http = require('http');

module.exports = async (at) => {
  const server = http.createServer((request, answer) => answer.end(at.token));
  await new Promise((resolve, reject) => { server.on('error', reject); server.listen(9998, resolve); });
  try {
    return await new Promise((resolve, reject) => http.get('http://127.0.0.1:9998/', (answer) => answer.on('data', (data) => resolve(String(data) === at.token))).on('error', reject));
  } finally {
    server.close();
  }
};
