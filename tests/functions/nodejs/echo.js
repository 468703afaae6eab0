'use strict';
// Answers with what it was given, so that a test sees what reached the handler.
exports.handler = async (event) => ({ handled: event });
exports.callback = (event, context, callback) => callback(null, { handled: event });
