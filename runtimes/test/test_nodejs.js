// Tests of the Node shim against the layer in $GAMBESON_LAYER (an unpacked ZIP). Runs on every Node from 10 on:
//
//     GAMBESON_LAYER=/path/to/layer node runtimes/test/test_nodejs.js
//
// The same tests must pass with a TW_POLICY (and AWS_LAMBDA_FUNCTION_NAME and AWS_REGION to fit it), where the handler is
// wrapped, and without, where it is not.
'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const layer = path.resolve(process.env.GAMBESON_LAYER || '.');
const major = Number(process.versions.node.split('.')[0]);
let passed = 0;
let failed = 0;

// Loads twistlock in a process of its own, with these files as the function, and evaluates `code` with it.
function run(files, original, code) {
  const task = fs.mkdtempSync(path.join(os.tmpdir(), 'gambeson-'));
  for (const name of Object.keys(files)) {
    fs.mkdirSync(path.dirname(path.join(task, name)), { recursive: true });
    fs.writeFileSync(path.join(task, name), files[name]);
  }
  const script = '(async () => { try { const out = (value) => console.log("OUT " + JSON.stringify(value));'
    + 'const m = await require("twistlock"); ' + code
    + '} catch (e) { console.log("OUT " + JSON.stringify({ error: e.name, message: e.message })); } })()';
  const result = spawnSync(process.execPath, ['-e', script], {
    cwd: task, encoding: 'utf8',
    env: Object.assign({}, process.env, { LAMBDA_TASK_ROOT: task, ORIGINAL_HANDLER: original,
      NODE_PATH: path.join(layer, 'nodejs/node_modules') }),
  });
  const lines = result.stdout.split('\n').filter((line) => line.startsWith('OUT '));
  assert.ok(lines.length > 0, result.stdout + result.stderr);
  return JSON.parse(lines[lines.length - 1].slice(4));
}

function test(name, body) {
  try {
    body();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log('FAILED ' + name + '\n' + error.stack);
  }
}

test('async handler in a folder', () => {
  const files = { 'src/app.js': 'exports.handler = async (event) => ({ got: event.a, as: process.env._HANDLER })' };
  assert.deepStrictEqual(run(files, 'src/app.handler', 'out(await m.handler({ a: 1 }, {}))'),
    { got: 1, as: 'src/app.handler' });
});

test('callback handler keeps its length', () => {
  const files = { 'app.js': 'exports.a = { b: (event, context, callback) => { setImmediate(callback, null, event) } }' };
  assert.deepStrictEqual(run(files, 'app.a.b', 'm.handler(7, {}, (e, value) => out([value, m.handler.length]))'), [7, 3]);
});

test('exceptions come through, thrown and rejected', () => {
  const files = { 'app.js': 'exports.handler = () => { throw new TypeError("no") }; exports.late = async () => exports.handler()' };
  assert.deepStrictEqual(run(files, 'app.handler', 'm.handler(1, {})'), { error: 'TypeError', message: 'no' });
  assert.deepStrictEqual(run(files, 'app.late', 'await m.handler(1, {})'), { error: 'TypeError', message: 'no' });
});

test('streaming symbol and argument order', () => {
  const files = { 'app.js': 'const s = Symbol.for("aws.lambda.runtime.handler.streaming");'
    + 'exports.handler = async (event, stream, context) => [event, stream, context]; exports.handler[s] = "response"' };
  const code = 'out([m.handler[Symbol.for("aws.lambda.runtime.handler.streaming")], await m.handler(1, 2, { c: 3 })])';
  assert.deepStrictEqual(run(files, 'app.handler', code), ['response', [1, 2, { c: 3 }]]);
});

test('missing handlers give the errors of the client', () => {
  const files = { 'app.js': 'exports.number = 1' };
  assert.deepStrictEqual(run(files, 'app.handler', ''),
    { error: 'Runtime.HandlerNotFound', message: 'app.handler is undefined or not exported' });
  assert.deepStrictEqual(run(files, 'app.number', ''),
    { error: 'Runtime.HandlerNotFound', message: 'app.number is not a function' });
  assert.deepStrictEqual(run(files, 'app', ''), { error: 'Runtime.MalformedHandlerName', message: 'Bad handler' });
  const missing = run(files, 'none.handler', '');
  assert.ok(missing.message.startsWith("Cannot find module 'none'") && !missing.message.includes('twistlock'), missing.message);
});

test('ORIGINAL_HANDLER missing is said', () => {
  assert.ok(run({}, '', '').message.startsWith('ORIGINAL_HANDLER is not set'));
});

if (major >= 14) {
  test('ES modules: .mjs, type module, top-level await', () => {
    const source = 'const n = await Promise.resolve(5); export const handler = async (event) => event + n';
    assert.deepStrictEqual(run({ 'app.mjs': source.replace('await Promise.resolve(5)', '5') }, 'app.handler', 'out(await m.handler(1, {}))'), 6);
    if (major >= 16) {
      assert.deepStrictEqual(run({ 'app.js': source, 'package.json': '{"type":"module"}' }, 'app.handler', 'out(await m.handler(1, {}))'), 6);
    }
  });
  test('an ES module that fails to load rejects at load', () => {
    assert.deepStrictEqual(run({ 'app.mjs': 'throw new RangeError("at load")' }, 'app.handler', ''),
      { error: 'RangeError', message: 'at load' });
  });
}

if (failed > 0) {
  process.exitCode = 1;
}
console.log(passed + ' passed, ' + failed + ' failed');
