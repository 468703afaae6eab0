//! `gambeson try`: a function on this machine as on Lambda, with the Defender in front of it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gambeson_lambda::{Environment, EnvironmentError, Function, Layer, Runtime, Runtimes, default_cache};
use gambeson_layer::Architecture;
use gambeson_policy::{DEFAULT_INTERVAL_MS, Document, EffectivePolicy, FunctionId, SigningKey, envelope};

use super::policy::Policies;
use crate::failure::Failure;

mod install;
mod report;

use report::{Outcome, Report};

/// The arguments of `gambeson try`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  gambeson try --runtime python3.12 --code examples/ping-service --handler app.handler \\\n      \
                  --event examples/ping-service/events/attack.json\n  gambeson try --install python3.12 nodejs20.x\n\n\
                  Exit codes: 0 the function was run with every event, whatever it answered; 1 it could not be run here; 2 wrong usage; \
                  78 a policy, layer or variable that Lambda or the Defender would refuse."
)]
pub(crate) struct Args {
    /// Install what these runtimes need into the cache, and do nothing else
    #[arg(long, value_name = "RUNTIME", num_args = 1.., conflicts_with_all = ["runtime", "code", "handler", "event"])]
    install: Vec<Runtime>,
    /// Lambda's name of the runtime: python3.12, nodejs20.x, …
    #[arg(long, required_unless_present = "install")]
    runtime: Option<Runtime>,
    /// The directory with the function's code
    #[arg(long, value_name = "DIR", required_unless_present = "install")]
    code: Option<PathBuf>,
    /// The function's own handler: app.handler
    #[arg(long, required_unless_present = "install")]
    handler: Option<String>,
    /// A file with an event (JSON); each is given to the same environment, in order
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "install")]
    event: Vec<PathBuf>,
    /// A file `{"runtime": …, "waas": …}` with both policies; without it, what Gambeson ships
    #[arg(long, value_name = "FILE", conflicts_with_all = ["tw_policy", "without_layer"])]
    policy: Option<PathBuf>,
    /// A TW_POLICY from a Console or from `gambeson policy encode`
    #[arg(long, value_name = "VALUE", conflicts_with = "without_layer")]
    tw_policy: Option<String>,
    /// Run the function without the Defender
    #[arg(long)]
    without_layer: bool,
    /// Use this layer ZIP instead of the one in this program
    #[arg(long, value_name = "ZIP", conflicts_with = "without_layer")]
    layer: Option<PathBuf>,
    /// A PEM file with the certificate of the Console's authority, for the layer
    #[arg(long, value_name = "FILE", conflicts_with_all = ["without_layer", "layer"])]
    console_ca: Option<PathBuf>,
    /// An environment variable of the function
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// The name server that the function's /etc/resolv.conf names, to try lists of names against one of your own (port 53)
    #[arg(long, value_name = "ADDRESS")]
    resolver: Option<IpAddr>,
    /// Give every event this often
    #[arg(long, value_name = "N", default_value_t = 1)]
    repeat: u32,
    /// Seconds that one invocation may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    timeout: f64,
    /// Lambda's memory setting
    #[arg(long, value_name = "MB", default_value_t = 512)]
    memory: u32,
    /// The function's name
    #[arg(long, value_name = "NAME", default_value = "function")]
    function: String,
    /// The region that the function believes itself in
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// One JSON object a line for each event
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    if !args.install.is_empty() {
        return install::run(&args.install, args.json);
    }
    let (Some(runtime), Some(code), Some(handler)) = (args.runtime, &args.code, &args.handler) else {
        return Err(Failure::usage("--runtime, --code and --handler say what to run"));
    };
    let mut function = Function::new(runtime, code, handler);
    function.name.clone_from(&args.function);
    function.region.clone_from(&args.region);
    function.memory_mb = args.memory;
    function.timeout =
        Duration::try_from_secs_f64(args.timeout).ok().filter(|timeout| !timeout.is_zero()).ok_or_else(
            || Failure::usage(format_args!("--timeout {}: a time limit is above 0 seconds", args.timeout)),
        )?;
    function.variables.clone_from(&args.env);
    function.resolver = args.resolver;
    if !args.without_layer {
        function.protect(Layer::Zip(args.layer(runtime)?), &args.tw_policy()?);
    }
    let events = args.events()?;
    let installed = Runtimes::new(default_cache(), |line| eprintln!("{line}"))
        .ensure(runtime)
        .map_err(Failure::failed)?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::failed(format_args!("cannot find this program: {error}")))?;

    let mut report = Report::new(args.json, &function, installed.version(), !args.without_layer);
    let mut environment: Option<Environment> = None;
    for _ in 0..args.repeat {
        for (name, event) in &events {
            // A crash or a time-out ends the environment; Lambda starts another one for the next event.
            let (mut started, fresh) = match environment.take().filter(Environment::is_alive) {
                Some(warm) => (warm, false),
                None => match Environment::start(&program, &installed, &function) {
                    Ok(started) => (started, true),
                    Err(EnvironmentError::Init(failure)) => {
                        report.event(name, &Outcome::not_ready(&failure));
                        continue;
                    }
                    Err(error) => return Err(unable(error)),
                },
            };
            let invocation = started.invoke(event).map_err(unable)?;
            report.event(name, &Outcome::invoked(&invocation, fresh.then_some(&started)));
            environment = Some(started);
        }
    }
    Ok(())
}

impl Args {
    /// The layer's ZIP, given or built.
    fn layer(&self, runtime: Runtime) -> Result<Vec<u8>, Failure> {
        if let Some(path) = &self.layer {
            return read(path);
        }
        let family = if runtime.is_python() {
            gambeson_layer::Runtime::Python
        } else {
            gambeson_layer::Runtime::Nodejs
        };
        let architecture =
            if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 };
        let ca = self
            .console_ca
            .as_deref()
            .map(read)
            .transpose()?
            .map(|pem| String::from_utf8_lossy(&pem).into_owned());
        gambeson_layer::build(family, architecture, ca.as_deref())
            .map(|layer| layer.zip)
            .map_err(Failure::failed)
    }

    /// `TW_POLICY`, given or made from the policy for this function.
    fn tw_policy(&self) -> Result<String, Failure> {
        if let Some(value) = &self.tw_policy {
            return Ok(value.clone());
        }
        let policies = Policies::read(self.policy.as_deref())?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| Failure::failed(format_args!("no random numbers: {error}")))?;
        // A key that nobody keeps: there is no Console that could send a newer policy.
        let key = SigningKey::from_bytes(seed);
        let function = FunctionId { name: &self.function, region: &self.region, account: None, labels: &[] };
        let document = Document {
            console: Vec::new(),
            function: self.function.clone(),
            region: self.region.clone(),
            account: None,
            token: None,
            keys: vec![key.public()],
            interval_ms: DEFAULT_INTERVAL_MS,
            proxy: None,
            revision: 0,
            issued: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            policy: EffectivePolicy::for_function(&policies.runtime, &policies.waas, &function),
        };
        envelope::seal(&document, &key).map_err(|error| Failure::config(format_args!("TW_POLICY: {error}")))
    }

    /// Names and contents of the event files.
    fn events(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        self.event
            .iter()
            .map(|path| {
                let bytes = read(path)?;
                serde_json::from_slice::<serde::de::IgnoredAny>(&bytes)
                    .map_err(|error| Failure::config(format_args!("{}: {error}", path.display())))?;
                Ok((path.display().to_string(), bytes))
            })
            .collect()
    }
}

/// Which exit code tells a script what to look at.
fn unable(error: EnvironmentError) -> Failure {
    match error {
        EnvironmentError::Variables(_) | EnvironmentError::Layer(_) | EnvironmentError::NoCode(_) => {
            Failure::config(error)
        }
        _ => Failure::failed(error),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::config(format_args!("{}: {error}", path.display())))
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}
