'use strict';
// The function that attacks: one technique an event, as the event names it. Valid for Node 10 and later.
// A technique is a file that exports a function of `at`; it answers whether what it wanted has happened.

const at = require('./at');

exports.handler = async (event) => {
  at.begin(event.technique, event.token);
  try {
    const worked = await at.limited(require(`./${event.technique}.js`)(at));
    return { worked: Boolean(worked), detail: at.notes.join('; ') };
  } catch (error) {
    return { worked: false, detail: `${at.notes.join('; ')} ${error && error.stack ? error.stack.slice(0, 300) : error}` };
  }
};
