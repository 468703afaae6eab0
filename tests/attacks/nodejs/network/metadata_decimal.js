// Instance metadata by a decimal address
// Asks 2852039166.
// policy: no-metadata
// audit: cloudMetadataProbing
// proof: arrival
'use strict';
const http = require('http');

module.exports = async (at) => {
  return new Promise((resolve, reject) => {
    http.get({ host: '2852039166', path: `/latest/meta-data/${at.token}` }, (answer) => answer.on('data', (data) => resolve(String(data) === 'reached')))
      .on('error', reject);
  });
};
