//! What is to be run.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::Runtime;

/// A function as it would be deployed, and how its environment is to behave.
#[derive(Clone, Debug)]
pub struct Function {
    /// Which runtime.
    pub runtime: Runtime,
    /// The directory with the code: `/var/task`.
    pub code: PathBuf,
    /// Lambda's handler setting: `app.handler`. With the Defender's layer that is `twistlock.handler`.
    pub handler: String,
    /// Layers, in order: `/opt`.
    pub layers: Vec<Layer>,
    /// The function's own variables, at most 4 KB together.
    pub variables: Vec<(String, String)>,
    /// The function's name.
    pub name: String,
    /// The region that it believes itself in.
    pub region: String,
    /// Its account, in the invoked ARN.
    pub account: String,
    /// Lambda's memory setting, in MB. Told to the function, and to Node as the limit of its heap; not enforced.
    pub memory_mb: u32,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// How long the start may take. Lambda gives 10 s; a busy machine may need more.
    pub init_timeout: Duration,
    /// Whether every process is stopped between invocations, as on Lambda.
    pub freeze: bool,
    /// The only name server of the function's `/etc/resolv.conf`; this machine's file if there is none.
    pub resolver: Option<IpAddr>,
}

impl Function {
    /// A function with Lambda's defaults, a time-out of 30 s, and no layer.
    pub fn new(runtime: Runtime, code: impl Into<PathBuf>, handler: impl Into<String>) -> Self {
        Self {
            runtime,
            code: code.into(),
            handler: handler.into(),
            layers: Vec::new(),
            variables: Vec::new(),
            name: "function".to_owned(),
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            memory_mb: 512,
            timeout: Duration::from_secs(30),
            init_timeout: Duration::from_secs(30),
            freeze: true,
            resolver: None,
        }
    }

    /// Adds the Defender's layer the way a user does: its handler in front of the function's own, and `TW_POLICY`.
    pub fn protect(&mut self, layer: Layer, tw_policy: &str) {
        let original = std::mem::replace(&mut self.handler, "twistlock.handler".to_owned());
        self.layers.push(layer);
        self.variables.push(("ORIGINAL_HANDLER".to_owned(), original));
        self.variables.push(("TW_POLICY".to_owned(), tw_policy.to_owned()));
    }

    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account, self.name)
    }
}

/// Something that stands under `/opt`.
#[derive(Clone, Debug)]
pub enum Layer {
    /// A ZIP archive, as it is uploaded.
    Zip(Vec<u8>),
    /// A directory with the same content.
    Directory(PathBuf),
}
