// Starts the runtime client the way Lambda's managed Node.js runtimes do.
import { run } from "./node_modules/aws-lambda-ric/dist/index.mjs";

await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
