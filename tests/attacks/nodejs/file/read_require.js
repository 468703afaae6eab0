// Reading by require
// Has Node load the file as a module, whose error tells the text.
// policy: denied-reads
// audit: explicitlyDeniedFile
'use strict';
module.exports = async (at) => {
  try {
    require(at.key);
  } catch (error) {
    return error.stack.includes('the secret');
  }
  return false;
};
