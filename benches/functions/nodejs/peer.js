'use strict';
// The same function behind the peer, set up as its documentation says for AWS Lambda.
const protect = require('@aikidosec/firewall/lambda');

exports.handler = protect(require('./index').handler);
