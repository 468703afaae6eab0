//! What every runtime client does with answers and errors.

use serde_json::json;

use super::{NODES, PYTHONS, code, installed, start};
use gambeson_lambda::EnvironmentError;

const PYTHON: &str = r#"
# -*- coding: utf-8 -*-
from __future__ import print_function
import os
import sys

def handler(event, context):
    print("called")
    if event.get("fail"):
        raise ValueError("no " + event["who"])
    return {"who": event["who"], "task": os.environ["LAMBDA_TASK_ROOT"], "handler": os.environ["_HANDLER"],
            "name": context.function_name, "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis() > 0,
            "path": [p for p in sys.path if p.startswith("/opt") or p.startswith("/var/task")]}
"#;

const NODE: &str = r#"
exports.handler = async (event, context) => {
  console.log("for", event.who);
  if (event.fail) throw new RangeError("no " + event.who);
  return { who: event.who, task: process.env.LAMBDA_TASK_ROOT, handler: process.env._HANDLER,
           name: context.functionName, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() > 0 };
};
exports.callback = (event, context, callback) => setTimeout(() => callback(null, "called back"), 1);
"#;

#[test]
fn python_answers_fails_and_goes_on() {
    for runtime in PYTHONS {
        let Some(installed) = installed(runtime) else { continue };
        let code = code("app.py", PYTHON);
        let mut environment = start(&installed, code.path(), "app.handler").expect(runtime);
        let failed = environment.invoke(br#"{"who": "Ada", "fail": true}"#).expect(runtime);
        let error = failed.outcome.expect_err(runtime);
        assert_eq!((error.kind.as_str(), error.message.as_str()), ("ValueError", "no Ada"), "{runtime}");
        assert!(error.trace.iter().any(|line| line.contains("app.py")), "{runtime}: {error:?}");
        assert!(failed.log.iter().any(|line| line == "called"), "{runtime}: {:?}", failed.log);

        let answered = environment.invoke("{\"who\": \"Zoë\"}".as_bytes()).expect(runtime);
        let answer = answered.outcome.expect(runtime).json();
        assert_eq!(
            (&answer["who"], &answer["left"], &answer["name"]),
            (&json!("Zoë"), &json!(true), &json!("function")),
            "{runtime}"
        );
        assert_eq!(answer["arn"], "arn:aws:lambda:us-east-1:123456789012:function:function", "{runtime}");
        if environment.gaps().is_empty() {
            let version = &runtime["python".len()..];
            let layers = format!("/opt/python/lib/python{version}/site-packages");
            assert_eq!(answer["path"], json!(["/var/task", layers, "/opt/python"]), "{runtime}");
        }
        assert!(environment.init_ms() > 0.0 && answered.ms > 0.0 && answered.peak_kb > 1000, "{runtime}");
    }
}

#[test]
fn node_answers_fails_and_goes_on() {
    for runtime in NODES {
        let Some(installed) = installed(runtime) else { continue };
        let code = code("app.js", NODE);
        let mut environment = start(&installed, code.path(), "app.handler").expect(runtime);
        let failed = environment.invoke(br#"{"who": "Ada", "fail": true}"#).expect(runtime);
        let error = failed.outcome.expect_err(runtime);
        assert_eq!((error.kind.as_str(), error.message.as_str()), ("RangeError", "no Ada"), "{runtime}");
        assert!(failed.log.iter().any(|line| line.ends_with("for Ada")), "{runtime}: {:?}", failed.log);
        let answer = environment.invoke(br#"{"who": "Bob"}"#).expect(runtime).outcome.expect(runtime).json();
        assert_eq!((&answer["who"], &answer["handler"]), (&json!("Bob"), &json!("app.handler")), "{runtime}");
        // aws-lambda-ric 2.1.0, of Node 10 and 12, takes the deadline for a list of header values and answers NaN.
        let is_old = matches!(runtime, "nodejs10.x" | "nodejs12.x");
        assert_eq!(answer["left"], !is_old, "{runtime}");
        drop(environment);
        let mut environment = start(&installed, code.path(), "app.callback").expect(runtime);
        assert_eq!(
            environment.invoke(b"{}").expect(runtime).outcome.expect(runtime).json(),
            "called back",
            "{runtime}"
        );
    }
}

#[test]
fn a_function_that_cannot_be_loaded_is_an_init_error_with_its_reason() {
    for (runtime, file, handler, kind) in [
        ("python2.7", "app.py", "gone.handler", "Runtime.ImportModuleError"),
        ("python2.7", "app.py", "app.gone", "Runtime.HandlerNotFound"),
        ("python3.12", "app.py", "gone.handler", "Runtime.ImportModuleError"),
        ("python3.12", "app.py", "app.gone", "Runtime.HandlerNotFound"),
        ("nodejs20.x", "app.js", "gone.handler", "Runtime.ImportModuleError"),
        ("nodejs20.x", "app.js", "app.gone", "Runtime.HandlerNotFound"),
    ] {
        let Some(installed) = installed(runtime) else { continue };
        let code = code(file, "");
        match start(&installed, code.path(), handler) {
            Err(EnvironmentError::Init(failure)) => {
                assert_eq!(failure.error.kind, kind, "{runtime} {handler}: {failure:?}")
            }
            other => panic!("{runtime} {handler}: {other:?}"),
        }
    }
}

#[test]
fn node_streams_and_says_when_a_stream_breaks() {
    let text = r#"
        exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
          // On its way before it breaks: of a stream that fails before it has begun, the client of Node 16 says nothing at times.
          await new Promise((resolve) => stream.write("one ", resolve));
          await new Promise((resolve) => setTimeout(resolve, 100));
          if (event.fail) throw new RangeError("half-way");
          stream.write("two");
          stream.end();
        });"#;
    for runtime in ["nodejs16.x", "nodejs20.x", "nodejs24.x"] {
        let Some(installed) = installed(runtime) else { continue };
        let code = code("app.js", text);
        let mut environment = start(&installed, code.path(), "app.handler").expect(runtime);
        let response = environment.invoke(b"{}").expect(runtime).outcome.expect(runtime);
        assert_eq!((response.streamed, response.json()), (true, json!("one two")), "{runtime}");
        let error = environment.invoke(br#"{"fail": true}"#).expect(runtime).outcome.expect_err(runtime);
        assert_eq!(error.message, "half-way", "{runtime}");
    }
}

#[test]
fn large_events_and_answers_pass_and_too_large_ones_are_refused_as_lambda_does() {
    let text = "def handler(event, context):\n    return 'x' * event['size'] if 'size' in event else len(event['text'])\n";
    for runtime in ["python3.12", "python2.7"] {
        let Some(installed) = installed(runtime) else { continue };
        let code = code("app.py", text);
        let mut environment = start(&installed, code.path(), "app.handler").expect(runtime);
        let event = json!({ "text": "y".repeat(5_000_000) }).to_string();
        assert_eq!(
            environment.invoke(event.as_bytes()).expect(runtime).outcome.expect(runtime).json(),
            5_000_000
        );
        let answer = environment.invoke(br#"{"size": 6000000}"#).expect(runtime).outcome.expect(runtime);
        assert_eq!(answer.body.len(), 6_000_002);
        let error = environment.invoke(br#"{"size": 7000000}"#).expect(runtime).outcome.expect_err(runtime);
        assert_eq!(error.kind, "Function.ResponseSizeTooLarge");
    }
}
