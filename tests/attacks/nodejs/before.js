'use strict';
// Runs before everything else, so before the Defender: makes the files that a rule would not let the function make.
const fs = require('fs');

try {
  if (!fs.existsSync('/tmp/secret')) {
    for (const folder of ['/tmp/work', '/tmp/secret', '/tmp/secret/folder', '/tmp/secret/empty']) fs.mkdirSync(folder);
    for (const category of ['file', 'process', 'tamper']) {
      for (const name of fs.existsSync(`/var/task/${category}`) ? fs.readdirSync(`/var/task/${category}`) : []) {
        fs.writeFileSync(`/tmp/secret/${name.split('.')[0]}.key`, 'the secret is 1234\n');
      }
    }
  }
} catch (error) {
  // Another program of the function, which may not.
}
