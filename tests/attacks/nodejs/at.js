'use strict';
// What techniques share. Valid for Node 10 and later.

const fs = require('fs');
const net = require('net');

const at = {
  // The shell computes it, so that the text of the command itself is no proof of anything.
  COMMAND: 'echo ran-$((40 + 2))',
  SHELL: ['-c', 'echo ran-$((40 + 2))'],
  PROOF: 'ran-42',
  SECRET: 'the secret is 1234\n',
  FRIEND: '203.0.113.80',
  FOE: '203.0.113.81',
  FOE6: 'fd00:81::1',
  FOREIGN_RESOLVER: '203.0.113.53',
  RESOLVER: '127.0.0.53',
  PORT: 4444,
  notes: [],

  begin(technique, token) {
    at.notes.length = 0;
    at.token = token;
    at.key = `/tmp/secret/${technique.split('/')[1]}.key`;
    process.chdir('/tmp');
  },

  note(text) { at.notes.push(String(text).slice(0, 200)); },

  limited(work) {
    const limit = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('nothing happened in 8 s')), 8000).unref();
    });
    return Promise.race([work, limit]);
  },

  ran(text) {
    at.note(text);
    return String(text).includes(at.PROOF);
  },

  // What a child prints.
  output(child) {
    return new Promise((resolve) => {
      let text = '';
      child.on('error', (error) => resolve(`${error.code}: ${error.message}`));
      if (child.stdout) child.stdout.on('data', (data) => { text += data; });
      child.on('close', (code) => resolve(`${text} code ${code}`));
    });
  },

  called(start) {
    return new Promise((resolve) => start((error, value) => resolve(error ? error.message : value)));
  },

  // What code in a worker posts.
  inWorker(code) {
    const { Worker } = require('worker_threads');
    return new Promise((resolve, reject) => {
      const worker = new Worker(code, { eval: true });
      worker.on('message', resolve);
      worker.on('error', reject);
    });
  },

  written(path) {
    try {
      // Spelled so that a peer that looks for the user's input in paths does not refuse the check itself.
      return fs.readFileSync((path || at.key).replace('/tmp/', '/tmp//'), 'utf8') !== at.SECRET;
    } catch (error) {
      return true;
    }
  },

  told(content) { return String(content).includes(at.SECRET.trim()); },

  // Connects, sends the token, waits for its echo.
  say(options) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(options, () => socket.write(at.token));
      socket.setTimeout(5000, () => socket.destroy(new Error('timed out')));
      socket.on('data', (data) => { socket.destroy(); resolve(String(data).includes(at.token)); });
      socket.on('error', reject);
    });
  },

  // Whether a stranger gets an answer from a listener.
  received(port) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.on('data', (data) => { socket.destroy(); resolve(String(data).includes(at.token)); });
      socket.on('error', reject);
    });
  },

  query(host, kind) {
    const labels = host.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
    return Buffer.concat([Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels,
      Buffer.from([0, 0, kind || 1, 0, 1])]);
  },

  evil() { return `${at.token}.evil.test`; },

  // Our own C functions, loaded as an addon.
  native(name) {
    const addon = { exports: {} };
    process.dlopen(addon, `/var/task/${name || 'native.node'}`);
    return addon.exports;
  },

  address4(host, port) {
    return Buffer.from([2, 0, port >> 8, port & 255, ...host.split('.').map(Number), 0, 0, 0, 0, 0, 0, 0, 0]);
  },

  mappings() {
    return fs.readFileSync('/proc/self/maps', 'utf8').trim().split('\n').map((line) => {
      const [range, rights, offset, , , path] = line.split(/\s+/);
      const [start, end] = range.split('-').map((part) => parseInt(part, 16));
      return { start, end, rights, offset: parseInt(offset, 16), path: path || '' };
    });
  },

  memory(start, length) {
    const file = fs.openSync('/proc/self/mem', 'r');
    try {
      const buffer = Buffer.alloc(length);
      fs.readSync(file, buffer, 0, length, start);
      return buffer;
    } finally {
      fs.closeSync(file);
    }
  },

  // The first page of libc's code that is not as in its file.
  patchedPage() {
    for (const mapping of at.mappings()) {
      if (!mapping.path.endsWith('/libc.so.6') || !mapping.rights.includes('x')) continue;
      const content = fs.readFileSync(mapping.path);
      const memory = at.memory(mapping.start, mapping.end - mapping.start);
      for (let page = 0; page < memory.length; page += 4096) {
        const original = content.slice(mapping.offset + page, mapping.offset + page + 4096);
        if (original.length === 4096 && !original.equals(memory.slice(page, page + 4096))) {
          return { address: mapping.start + page, original };
        }
      }
    }
    throw new Error('no page of libc is patched');
  },

  restored(page) { return at.memory(page.address, 4096).equals(page.original); },
};

module.exports = at;
