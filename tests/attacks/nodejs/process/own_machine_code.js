// Machine code in anonymous memory
// Writes machine code with its own system-call instruction into new memory and runs it.
// policy: no-programs
// stopped: no, it passes no place that can be taken over, and V8 needs such memory
'use strict';
module.exports = async (at) => at.native().ownCode() === 1;
