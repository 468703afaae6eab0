// Instance metadata, IPv4 as IPv6
// Asks ::ffff:169.254.169.254.
// policy: no-metadata
// audit: cloudMetadataProbing
// proof: arrival
'use strict';
const http = require('http');

module.exports = async (at) => {
  return new Promise((resolve, reject) => {
    http.get({ host: '::ffff:169.254.169.254', path: `/latest/meta-data/${at.token}` }, (answer) => answer.on('data', (data) => resolve(String(data) === 'reached')))
      .on('error', reject);
  });
};
