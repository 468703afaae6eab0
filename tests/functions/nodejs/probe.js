'use strict';
// Tries every way that Node has to start a program, one an event, and says whether the program ran.
// The event is {"attack": NAME}; the answer {"ran": bool, "detail": string}. Valid for Node 10 to 24.

const childProcess = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

// The shell computes it, so that the text of the command itself is no proof of anything.
const COMMAND = 'echo ran-$((40 + 2))';
const SHELL = ['-c', COMMAND];
const PROOF = 'ran-42';
const major = Number(process.versions.node.split('.')[0]);

function finished(child) {
  return new Promise((resolve) => {
    let detail = '';
    child.on('error', (error) => resolve(`${error.code}: ${error.message}`));
    if (child.stdout) child.stdout.on('data', (data) => { detail += data; });
    child.on('close', (code) => resolve(`${detail} code ${code}`));
  });
}

function called(start) {
  return new Promise((resolve) => start((error, stdout) => resolve(`${stdout || ''} ${error ? error.message : ''}`)));
}

function forked() {
  const script = path.join(os.tmpdir(), `probe-${process.pid}.js`);
  fs.writeFileSync(script, `process.send('${PROOF}')`);
  return new Promise((resolve) => {
    let detail = '';
    try {
      const child = childProcess.fork(script, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      child.on('message', (message) => { detail = message; });
      child.on('error', (error) => resolve(`${error.code}`));
      child.on('exit', (code) => resolve(`${detail} code ${code}`));
    } catch (error) {
      resolve(error.message);
    }
  });
}

function binding() {
  const result = process.binding('spawn_sync').spawn({
    file: '/bin/sh', args: ['sh', '-c', COMMAND], envPairs: ['PATH=/usr/bin:/bin'],
    stdio: [{ type: 'pipe', readable: true, writable: false }, { type: 'pipe', readable: false, writable: true },
      { type: 'pipe', readable: false, writable: true }],
  });
  return `${result.output ? result.output.join('') : ''} error ${result.error}`;
}

function inWorker() {
  const { Worker } = require('worker_threads');
  const code = `const { parentPort } = require('worker_threads');
    const result = require('child_process').spawnSync('/bin/sh', ${JSON.stringify(SHELL)});
    parentPort.postMessage(String(result.stdout) + ' ' + result.error);`;
  return new Promise((resolve) => {
    const worker = new Worker(code, { eval: true });
    worker.on('message', resolve);
    worker.on('error', (error) => resolve(error.message));
  });
}

const ATTACKS = {
  'exec': () => called((done) => childProcess.exec(COMMAND, done)),
  'execFile': () => called((done) => childProcess.execFile('/bin/sh', SHELL, done)),
  'spawn': () => finished(childProcess.spawn('/bin/sh', SHELL)),
  'spawn.path': () => finished(childProcess.spawn('sh', SHELL)),
  'spawn.shell': () => finished(childProcess.spawn(COMMAND, { shell: true })),
  'spawn.clean': () => finished(childProcess.spawn('/bin/sh', SHELL, { env: {} })),
  'spawn.detached': () => finished(childProcess.spawn('/bin/sh', SHELL, { detached: true })),
  'fork': forked,
  'execSync': () => String(childProcess.execSync(COMMAND, { stdio: 'pipe' })),
  'execFileSync': () => String(childProcess.execFileSync('/bin/sh', SHELL, { stdio: 'pipe' })),
  'spawnSync': () => { const r = childProcess.spawnSync('/bin/sh', SHELL); return `${r.stdout} ${r.error}`; },
  'process.binding': binding,
};
if (major >= 12) ATTACKS['worker_threads'] = inWorker;

// One thing that each tab of a rule speaks of; names what was refused.
async function tabs() {
  const refused = [];
  const attempt = async (name, action) => {
    try {
      await action();
    } catch (error) {
      refused.push(error.code === 'EACCES' ? name : String(error));
    }
  };
  await attempt('program', () => childProcess.execFileSync('/bin/sh', SHELL, { stdio: 'pipe' }));
  await attempt('connection', () => new Promise((resolve, reject) => {
    const channel = require('dgram').createSocket('udp4');
    channel.send('x', 9, '192.0.2.1', (error) => {
      channel.close();
      // Where there is no network, the way there is missing, which is no refusal.
      if (error && error.code === 'EACCES') reject(error); else resolve();
    });
  }));
  await attempt('file', () => require('fs').writeFileSync('/tmp/live', 'x'));
  return refused;
}

exports.handler = async (event) => {
  if (event.attack === 'tabs') return tabs();
  if (event.attack === 'list') return Object.keys(ATTACKS);
  if (event.attack === 'none') return { ran: false, detail: 'alive', node: process.version };
  if (event.attack === 'wait') {
    await new Promise((resolve) => { setTimeout(resolve, event.seconds * 1000); });
    return { ran: false, detail: 'waited' };
  }
  if (event.attack === 'program') {
    const [file, ...parameters] = event.command;
    const result = childProcess.spawnSync(file, parameters);
    return { ran: !result.error, detail: `${result.stdout} ${result.error}` };
  }
  let detail;
  try {
    detail = await ATTACKS[event.attack]();
  } catch (error) {
    detail = `${error.code}: ${error.message}`;
  }
  return { ran: detail.includes(PROOF), detail };
};
