// Starts the runtime client the way Lambda's older Node.js runtimes did.
"use strict";

require("./node_modules/aws-lambda-ric/lib/index.js").run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
