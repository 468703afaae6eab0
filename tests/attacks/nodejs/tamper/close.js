// Closing the Defender's descriptors
// Closes every descriptor that the Defender has open.
// policy: no-tampering
// audit: policyHijacked
// alone: yes
'use strict';
const fs = require('fs');

module.exports = async (at) => {
  const ours = fs.readdirSync('/proc/self/fd').map(Number).filter((number) => {
    try {
      return number === 48 || fs.readlinkSync(`/proc/self/fd/${number}`).includes('memfd:gambeson');
    } catch (error) {
      return false;
    }
  });
  for (const number of ours) fs.closeSync(number);
  return ours.length > 0 && ours.every((number) => !fs.existsSync(`/proc/self/fd/${number}`));
};
