// Runs in Node 10 to 24: takes the process over, with all its threads, then tries what programs do.
'use strict';
const assert = require('assert');
const child_process = require('child_process');
const fs = require('fs');
const net = require('net');
const { Worker } = require('worker_threads');

const reads = [];
for (let i = 0; i < 64; i++) {
  reads.push(fs.promises.readFile('/proc/self/comm'));
}
process.dlopen({ exports: {} }, process.argv[2]);

async function main() {
  for (const text of await Promise.all(reads)) {
    assert(text.length > 0);
  }
  assert.strictEqual(child_process.spawnSync('/bin/true').error.code, 'EACCES');
  assert.throws(() => child_process.execSync('exit 0', { stdio: 'ignore' }));
  const refused = await new Promise((resolve) => child_process.spawn('/bin/true').on('error', resolve));
  assert.strictEqual(refused.code, 'EACCES');

  const inWorker = await new Promise((resolve, reject) => {
    const source = `
      const { parentPort } = require('worker_threads');
      const result = require('child_process').spawnSync('/bin/true');
      parentPort.postMessage(result.error && result.error.code);`;
    new Worker(source, { eval: true }).on('message', resolve).on('error', reject);
  });
  assert.strictEqual(inWorker, 'EACCES');

  const echoed = await new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1', () => {
      const client = net.connect(server.address().port, '127.0.0.1', () => client.write('ping'));
      client.on('error', reject).on('data', (data) => {
        client.destroy();
        server.close();
        resolve(data.toString());
      });
    });
  });
  assert.strictEqual(echoed, 'ping');
  await new Promise((resolve) => setTimeout(resolve, 20));

  // Work for all threads, garbage collection included.
  const crypto = require('crypto');
  const keys = [];
  for (let i = 0; i < 16; i++) {
    keys.push(new Promise((resolve, reject) => {
      crypto.pbkdf2('a', 'b', 1000, 32, 'sha256', (error, key) => (error ? reject(error) : resolve(key)));
    }));
  }
  const first = (await Promise.all(keys))[0];
  assert.strictEqual(first.length, 32);
  let garbage = [];
  for (let i = 0; i < 200000; i++) {
    garbage.push({ i, text: String(i) });
  }
  assert.strictEqual(garbage.length, 200000);
  console.log('held');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
