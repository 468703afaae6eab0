// Container credentials
// Asks 169.254.170.2.
// policy: no-metadata
// audit: cloudMetadataProbing
// proof: arrival
'use strict';
const http = require('http');

module.exports = async (at) => {
  return new Promise((resolve, reject) => {
    http.get({ host: '169.254.170.2', path: `/latest/meta-data/${at.token}` }, (answer) => answer.on('data', (data) => resolve(String(data) === 'reached')))
      .on('error', reject);
  });
};
