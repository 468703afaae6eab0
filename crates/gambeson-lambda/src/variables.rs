//! The environment variables that a function finds.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::{Function, Runtime};

/// Lambda's limit on what a user sets, measured as Lambda does: the variables as a JSON object.
const LIMIT: usize = 4096;

/// Lambda sets these; a function's configuration may not.
const RESERVED: [&str; 17] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Variables that Lambda would not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariablesError {
    /// Too much text.
    #[error(
        "the function's environment variables exceed Lambda's 4 KB limit: they measure {size} bytes, the largest is {largest} with {bytes}"
    )]
    TooLarge {
        /// All of them, as JSON.
        size: usize,
        /// Name of the longest.
        largest: String,
        /// Its length.
        bytes: usize,
    },
    /// Lambda keeps the name for itself.
    #[error("{0} is reserved by Lambda and cannot be set")]
    Reserved(String),
    /// No name for a variable, or a NUL in its value.
    #[error(
        "{0:?} is no environment variable that Lambda takes: a name starts with a letter and holds letters, digits and _"
    )]
    Malformed(String),
}

/// Where things stand for the function: Lambda's directories in the jail, this machine's without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) task: PathBuf,
    pub(crate) layers: PathBuf,
    pub(crate) language: PathBuf,
    pub(crate) client: PathBuf,
}

impl Places {
    pub(crate) fn of_lambda() -> Self {
        Self {
            task: "/var/task".into(),
            layers: "/opt".into(),
            language: "/var/lang".into(),
            client: "/var/runtime".into(),
        }
    }
}

/// All variables of an environment, Lambda's first.
pub(crate) fn variables(
    function: &Function,
    places: &Places,
    api: SocketAddr,
) -> Result<Vec<(String, String)>, VariablesError> {
    check(&function.variables)?;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let below = |root: &Path, name: &str| text(&root.join(name));
    let list = |paths: &[String]| paths.join(":");
    let Places { task, layers, language, client } = places;
    let mut all = vec![
        ("_HANDLER", function.handler.clone()),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
        ("AWS_DEFAULT_REGION", function.region.clone()),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", function.runtime)),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]00000000000000000000000000000000".to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
        ("AWS_REGION", function.region.clone()),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
        ("AWS_SESSION_TOKEN", "example".to_owned()),
        ("LAMBDA_RUNTIME_DIR", text(client)),
        ("LAMBDA_TASK_ROOT", text(task)),
        // Lambda has en_US.UTF-8 for Python. Where that is not installed, Python 3.6 would fall back to ASCII.
        ("LANG", "C.UTF-8".to_owned()),
        (
            "LD_LIBRARY_PATH",
            list(&[
                below(language, "lib"),
                "/lib64".to_owned(),
                "/usr/lib64".to_owned(),
                text(client),
                below(client, "lib"),
                text(task),
                below(task, "lib"),
                below(layers, "lib"),
            ]),
        ),
        (
            "PATH",
            list(&[
                below(language, "bin"),
                "/usr/local/bin".to_owned(),
                "/usr/bin".to_owned(),
                "/bin".to_owned(),
                below(layers, "bin"),
            ]),
        ),
        ("SHLVL", "0".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    match function.runtime {
        // Layers come on sys.path through the bootstrap, as in Lambda's runtime.
        Runtime::Python { .. } => {}
        Runtime::Nodejs { major } => all.push((
            "NODE_PATH",
            list(&[
                below(layers, &format!("nodejs/node{major}/node_modules")),
                below(layers, "nodejs/node_modules"),
                below(client, "node_modules"),
            ]),
        )),
    }
    let mut all: Vec<(String, String)> =
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for (name, value) in &function.variables {
        // PATH, LANG, PYTHONPATH and the like may be set, and replace Lambda's.
        all.retain(|(lambdas, _)| lambdas != name);
        all.push((name.clone(), value.clone()));
    }
    Ok(all)
}

fn check(variables: &[(String, String)]) -> Result<(), VariablesError> {
    for (name, value) in variables {
        let well_formed = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !value.contains('\0');
        if RESERVED.contains(&name.as_str()) {
            return Err(VariablesError::Reserved(name.clone()));
        }
        if !well_formed {
            return Err(VariablesError::Malformed(name.clone()));
        }
    }
    let object: Map<String, Value> =
        variables.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let size = Value::Object(object).to_string().len();
    match variables.iter().max_by_key(|(_, value)| value.len()) {
        Some((largest, value)) if size > LIMIT => {
            Err(VariablesError::TooLarge { size, largest: largest.clone(), bytes: value.len() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Vec<(String, String)>, VariablesError> {
        let mut function = Function::new("python3.12".parse().expect("a runtime"), "/code", "app.handler");
        function.variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        super::variables(&function, &Places::of_lambda(), ([127, 0, 0, 1], 9001).into())
    }

    #[test]
    fn the_limit_is_on_the_whole_as_json() {
        // {"A":"…"} adds eight bytes.
        assert!(with(&[("A", &"x".repeat(4096 - 8))]).is_ok());
        let error = with(&[("B", "y"), ("A", &"x".repeat(4096 - 8))]).expect_err("too large");
        assert_eq!(error, VariablesError::TooLarge { size: 4104, largest: "A".to_owned(), bytes: 4088 });
    }

    #[test]
    fn lambdas_own_cannot_be_set_and_the_others_can() {
        assert_eq!(with(&[("_HANDLER", "x")]), Err(VariablesError::Reserved("_HANDLER".to_owned())));
        assert!(matches!(with(&[("A-B", "x")]), Err(VariablesError::Malformed(_))));
        let all = with(&[("LANG", "C")]).expect("valid");
        assert_eq!(
            all.iter().filter(|(name, _)| name == "LANG").map(|(_, v)| v.as_str()).collect::<Vec<_>>(),
            ["C"]
        );
        assert!(all.contains(&("AWS_LAMBDA_RUNTIME_API".to_owned(), "127.0.0.1:9001".to_owned())));
    }
}
