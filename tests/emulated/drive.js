// Calls the layer's handler with each line of standard input, as a runtime client would, and prints what it answers.
'use strict';
const fs = require('fs');
const { handler } = require('twistlock');

async function main() {
  const lines = fs.readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
  for (const [number, line] of lines.entries()) {
    const awsRequestId = `request-${number}`;
    const invokedFunctionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:emulated';
    const answer = await handler(JSON.parse(line), { awsRequestId, invokedFunctionArn });
    // With the request's id, so that audits and answers can be told together.
    fs.writeSync(1, JSON.stringify({ answer, requestId: awsRequestId }) + '\n');
  }
}

main();
