'use strict';
// Answers with what it was given, so that a test sees what reached the handler.
exports.handler = async (event) => ({ handled: event });
exports.callback = (event, context, callback) => callback(null, { handled: event });

// Clients before Node 14 know no streams.
if (global.awslambda && global.awslambda.streamifyResponse) {
  exports.streaming = global.awslambda.streamifyResponse(async (event, stream) => {
    const http = global.awslambda.HttpResponseStream;
    const out = http.from(stream, { statusCode: 200, headers: { 'content-type': 'text/plain' } });
    out.end('handled ' + event.rawQueryString);
  });
}
