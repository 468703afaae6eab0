//! `gambeson console`: runs the Console, or makes its first admin.

use std::io::{self, IsTerminal, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use gambeson_console::{Config, Console, OpenError, Role, Transport};
use serde_json::json;
use tokio::net::TcpSocket;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  gambeson console
      Console on https://127.0.0.1:8083; the first start prints a link that makes the first admin
  gambeson console --listen 0.0.0.0:8083 --san console.example.com --data-dir /var/lib/gambeson
      reachable by that name, with a certificate of its own that the layers carry
  gambeson console --listen 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem
      with a certificate of a public authority

GAMBESON_LOG sets what is logged to standard error: off, error, warn, info (if not set), debug or trace.";

const OPEN_FILES: u64 = 65_536;

const INIT_EXAMPLES: &str = "\
Example:
  gambeson console init --admin ann --password-file /run/secrets/password --data-dir /var/lib/gambeson

The password is the file's first line. The Console of this data directory must not be running.";

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Sub>,
    #[command(flatten)]
    serve: Box<Serve>,
}

#[derive(Subcommand)]
enum Sub {
    /// Make the first admin without the set-up link
    Init(Init),
}

#[derive(clap::Args)]
struct Serve {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8083")]
    listen: String,
    #[command(flatten)]
    storage: Storage,
    /// Another name or address that the Console's own certificate is to be valid for (repeat for more)
    #[arg(long = "san", value_name = "NAME", conflicts_with_all = ["tls_cert", "http"])]
    names: Vec<String>,
    /// PEM file with a certificate to use instead, and the ones between it and its root
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with that certificate's private key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// PEM file with that certificate's root, if it is not a public one: layers then carry it
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_ca: Option<PathBuf>,
    /// No TLS, for development: only on a loopback address
    #[arg(long, conflicts_with = "tls_cert")]
    http: bool,
    /// How many audits to keep; older ones are deleted
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    keep_audits: u64,
    /// Write what is printed, and the log, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Storage {
    /// Folder for database, keys and certificate [default: $XDG_DATA_HOME/gambeson or ~/.local/share/gambeson]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Database, as sqlite://PATH [default: gambeson.db in the data directory]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(clap::Args)]
#[command(after_help = INIT_EXAMPLES)]
struct Init {
    /// Name of the admin
    #[arg(long, value_name = "NAME")]
    admin: String,
    /// File with the password
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    #[command(flatten)]
    storage: Storage,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    match args.command {
        Some(Sub::Init(init)) => runtime.block_on(self::init(init)),
        None => {
            log_to_stderr(args.serve.json)?;
            // Each connection takes one, and the usual soft limit of 1,024 is for programs that use select().
            match rlimit::increase_nofile_limit(OPEN_FILES) {
                Ok(limit) => tracing::debug!(limit, "open files"),
                Err(error) => tracing::warn!(%error, "cannot raise the limit on open files"),
            }
            runtime.block_on(serve(*args.serve))
        }
    }
}

async fn serve(args: Serve) -> Result<(), Failure> {
    let mut config = args.storage.config();
    config.keep_audits = args.keep_audits;
    config.transport = match (args.http, args.tls_cert, args.tls_key) {
        (true, _, _) => Transport::Plain,
        (false, Some(certificate), Some(key)) => Transport::Given { certificate, key, ca: args.tls_ca },
        _ => Transport::SelfSigned { names: args.names },
    };
    let scheme = if config.is_secure() { "https" } else { "http" };
    let own_certificate = matches!(config.transport, Transport::SelfSigned { .. });
    let data_dir = config.data_dir.clone();
    let cannot_listen = |error| Failure::failed(format!("cannot listen on {}: {error}", args.listen));
    let listener = listen(&args.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    config.check_listener(address).map_err(Failure::usage)?;
    let console = Console::open(config).await.map_err(not_opened)?;
    let url = format!("{scheme}://{}", reachable(address));
    let started = Started {
        fingerprint: console.fingerprint().map(str::to_owned),
        root: own_certificate.then(|| data_dir.join("console-ca.pem")),
        setup: console.setup_path().map(|path| format!("{url}{path}")),
        url,
        data_dir,
    };
    let stop = stop_signal().map_err(|error| Failure::failed(format!("cannot wait for signals: {error}")))?;
    // A reader of our output that has gone is no reason to stop.
    let _ = started.print(args.json);
    console.serve(listener, stop).await.map_err(Failure::failed)
}

/// Like `TcpListener::bind`, but with room for the thousands of environments that may start, or come back from a freeze, in the same second.
async fn listen(address: &str) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    let mut failed = io::Error::new(io::ErrorKind::InvalidInput, "no such address");
    for address in tokio::net::lookup_host(address).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return listener.into_std(),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

async fn init(args: Init) -> Result<(), Failure> {
    let text = std::fs::read_to_string(&args.password_file)
        .map_err(|error| Failure::failed(format!("cannot read {}: {error}", args.password_file.display())))?;
    let password = text.lines().next().unwrap_or_default();
    let console = Console::open(args.storage.config()).await.map_err(not_opened)?;
    let added = console.add_user(&args.admin, password, Role::Admin).await;
    console.close().await;
    added.map_err(Failure::failed)?;
    if args.json {
        println!("{}", json!({"admin": args.admin}));
    } else {
        println!("The admin {} is made.", args.admin);
    }
    Ok(())
}

/// What a start has to say.
struct Started {
    url: String,
    fingerprint: Option<String>,
    root: Option<PathBuf>,
    data_dir: PathBuf,
    setup: Option<String>,
}

// === impl Started ===

impl Started {
    fn print(&self, as_json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if as_json {
            let line = json!({
                "console": self.url, "certificateSHA256": self.fingerprint, "root": self.root,
                "dataDir": self.data_dir, "setup": self.setup,
            });
            writeln!(out, "{line}")?;
            return out.flush();
        }
        writeln!(out, "Gambeson Console {}", env!("CARGO_PKG_VERSION"))?;
        writeln!(out, "  address      {}", self.url)?;
        if let Some(fingerprint) = &self.fingerprint {
            writeln!(out, "  certificate  SHA-256 {fingerprint}")?;
        }
        if let Some(root) = &self.root {
            writeln!(out, "  its root     {}", root.display())?;
        }
        writeln!(out, "  data         {}", self.data_dir.display())?;
        if let Some(setup) = &self.setup {
            writeln!(out, "  set up       {setup}")?;
            writeln!(out, "               makes the first admin; works once, for 24 hours")?;
        }
        out.flush()
    }
}

// === impl Storage ===

impl Storage {
    fn config(&self) -> Config {
        let mut config = Config::new(self.data_dir.clone().unwrap_or_else(default_data_dir));
        config.database.clone_from(&self.database);
        config
    }
}

/// Where the XDG base directory specification wants a user's data; without a home, the folder at hand.
fn default_data_dir() -> PathBuf {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match (absolute("XDG_DATA_HOME"), absolute("HOME")) {
        (Some(data), _) => data.join("gambeson"),
        (None, Some(home)) => home.join(".local/share/gambeson"),
        (None, None) => Path::new("gambeson-data").to_owned(),
    }
}

/// The address as a browser on this machine can use it.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

fn not_opened(error: OpenError) -> Failure {
    match error {
        OpenError::Tls(_) | OpenError::Store(_) => Failure::config(error),
        OpenError::DataDir(_) | OpenError::Content(_) => Failure::failed(error),
    }
}

/// Our own log only, with the libraries' warnings: at finer levels some of them write headers, and bearer tokens with them.
fn log_to_stderr(as_json: bool) -> Result<(), Failure> {
    let level = match std::env::var("GAMBESON_LOG") {
        Ok(level) => level.parse::<LevelFilter>().map_err(|_| {
            Failure::usage(format!("GAMBESON_LOG: `{level}` is not off, error, warn, info, debug or trace"))
        })?,
        Err(_) => LevelFilter::INFO,
    };
    let ours = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("gambeson", level);
    let format = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let format = if as_json {
        format.json().boxed()
    } else {
        format.with_ansi(io::stderr().is_terminal()).with_target(false).boxed()
    };
    tracing_subscriber::registry().with(format.with_filter(ours)).init();
    Ok(())
}

/// Done when the process is told to stop: by a terminal or by whatever supervises it.
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}
