'use strict';
// Uses libraries as functions use them: one use an event, which answers whether its result is right.

const childProcess = require('child_process');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const { Worker } = require('worker_threads');

const URL = 'http://good.test:8080/';
const settings = (service) => ({
  endpoint: `http://${service}.us-east-1.amazonaws.test:5000`, region: 'us-east-1', maxAttempts: 1, forcePathStyle: true,
});

async function s3() {
  const { S3 } = require('@aws-sdk/client-s3');
  const client = new S3(settings('s3'));
  await client.createBucket({ Bucket: 'from-node' });
  const file = path.join(os.tmpdir(), 'upload');
  fs.writeFileSync(file, Buffer.alloc(1 << 20, 'x'));
  await client.putObject({ Bucket: 'from-node', Key: 'k', Body: fs.createReadStream(file), ContentLength: 1 << 20 });
  const answer = await client.getObject({ Bucket: 'from-node', Key: 'k' });
  return (await answer.Body.transformToByteArray()).length === 1 << 20;
}

async function dynamodb() {
  const { DynamoDB } = require('@aws-sdk/client-dynamodb');
  const client = new DynamoDB(settings('dynamodb'));
  await client.createTable({
    TableName: 'from-node', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  });
  await client.putItem({ TableName: 'from-node', Item: { id: { S: '1' }, total: { N: '42' } } });
  return (await client.getItem({ TableName: 'from-node', Key: { id: { S: '1' } } })).Item.total.N === '42';
}

async function sqs() {
  const { SQS } = require('@aws-sdk/client-sqs');
  const client = new SQS(settings('sqs'));
  const { QueueUrl } = await client.createQueue({ QueueName: 'from-node' });
  await client.sendMessage({ QueueUrl, MessageBody: 'job' });
  return (await client.receiveMessage({ QueueUrl })).Messages[0].Body === 'job';
}

const get = (options) => new Promise((resolve, reject) => {
  http.get(URL, options, (answer) => answer.on('data', (data) => resolve(String(data)))).on('error', reject);
});

async function sharp() {
  const file = path.join(os.tmpdir(), 'image.png');
  const load = require('sharp');
  await load({ create: { width: 200, height: 100, channels: 3, background: 'red' } }).png().toFile(file);
  return (await load(file).resize(50).metadata()).width === 200;
}

function worker() {
  return new Promise((resolve, reject) => {
    const started = new Worker("require('worker_threads').parentPort.postMessage(42)", { eval: true });
    started.on('message', (value) => resolve(value === 42));
    started.on('error', reject);
  });
}

async function temporary() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'made-'));
  const file = path.join(folder, 'file');
  await fs.promises.writeFile(file, 'text');
  fs.chmodSync(file, 0o600);
  fs.copyFileSync(file, `${file}-2`);
  fs.renameSync(`${file}-2`, `${file}-3`);
  const text = fs.readFileSync(`${file}-3`, 'utf8');
  fs.rmSync(folder, { recursive: true });
  return text === 'text' && !fs.existsSync(folder);
}

const USES = {
  'AWS SDK: S3': s3,
  'AWS SDK: DynamoDB': dynamodb,
  'AWS SDK: SQS': sqs,
  'fetch': async () => (await (await fetch(URL)).text()) === 'reached',
  'http.get': async () => (await get({})) === 'reached',
  'http.get, kept alive': async () => (await get({ agent: new http.Agent({ keepAlive: true }) })) === 'reached',
  'undici': async () => (await (await require('undici').request(URL)).body.text()) === 'reached',
  sharp,
  'worker_threads': worker,
  'temporary files': temporary,
  'child_process': async () => childProcess.execFileSync('/bin/echo', ['text']).toString() === 'text\n',
};

exports.handler = async (event) => {
  fs.mkdirSync(os.tmpdir(), { recursive: true });
  if (event.use === 'list') return Object.keys(USES);
  return { right: await USES[event.use]() };
};
