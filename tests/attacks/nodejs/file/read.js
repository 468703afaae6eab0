// Reading
// Reads a file that the deny list names, with reads on.
// policy: denied-reads
// audit: explicitlyDeniedFile
'use strict';
const fs = require('fs');

module.exports = async (at) => at.told(fs.readFileSync(at.key));
