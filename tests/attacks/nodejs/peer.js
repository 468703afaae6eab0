'use strict';
// The same function behind Aikido Zen, set up as its documentation says for AWS Lambda, blocking. What a technique uses of
// commands, paths, hosts and names is the user's input of the request that the event stands for.
const protect = require('@aikidosec/firewall/lambda');

const run = require('./run');
const at = require('./at');

const protectedHandler = protect(async (event) => run.handler(event));

exports.handler = async (event, context) => {
  const name = event.technique.split('/')[1];
  const inputs = [at.COMMAND, '/bin/sh', `/tmp/secret/${name}.key`, `/tmp/work/../secret/${name}.key`, at.FOE, at.FOE6,
    '169.254.169.254', '169.254.170.2', 'fd00:ec2::254', `${event.token}.evil.test`, `http://${at.FOE}:8080/${event.token}`,
    'http://169.254.169.254/', `http://${at.FOE}/`];
  const request = {
    httpMethod: 'POST', path: '/', resource: '/', headers: { 'content-type': 'application/json' },
    queryStringParameters: { input: at.COMMAND }, pathParameters: {}, body: JSON.stringify({ inputs }),
    requestContext: { identity: { sourceIp: '198.51.100.7' } },
  };
  return protectedHandler(Object.assign({}, event, request), context);
};
