//! `gambeson layer`: makes the ZIP that is published as a Lambda layer.

use std::fs;
use std::path::{Path, PathBuf};

use gambeson_layer::{Architecture, Runtime};

use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: LayerCommand,
}

#[derive(clap::Subcommand)]
enum LayerCommand {
    /// Write the layer's ZIP
    Build(Build),
}

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  gambeson layer build --runtime python3.12 --arch arm64 --out layer.zip\n\n\
        One layer is good for all versions of a runtime. A function's architecture is in its configuration (Architectures)."
)]
struct Build {
    /// The function's runtime: a family (python, nodejs) or a name of Lambda's (python3.12, nodejs20.x)
    #[arg(long, value_name = "RUNTIME")]
    runtime: Runtime,
    /// The function's architecture: x86_64 or arm64 (Graviton)
    #[arg(long, value_name = "ARCH", default_value = "x86_64")]
    arch: Architecture,
    /// Where to write the ZIP
    #[arg(long, value_name = "FILE", default_value = gambeson_layer::FILE_NAME)]
    out: PathBuf,
    /// PEM certificates of the CA that signed the Console's certificate, if it is not a public one
    #[arg(long, value_name = "FILE")]
    console_ca: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        LayerCommand::Build(build) => build.run(),
    }
}

impl Build {
    fn run(self) -> Result<(), Failure> {
        let console_ca = self.console_ca.as_deref().map(read_ca).transpose()?;
        let layer =
            gambeson_layer::build(self.runtime, self.arch, console_ca.as_deref()).map_err(Failure::failed)?;
        fs::write(&self.out, &layer.zip)
            .map_err(|error| Failure::failed(format!("cannot write {}: {error}", self.out.display())))?;

        let sha256 = layer.sha256_hex();
        if self.json {
            let line = serde_json::json!({
                "file": self.out.display().to_string(),
                "runtime": self.runtime.name(),
                "architecture": self.arch.name(),
                "size": layer.zip.len(),
                "sha256": sha256,
            });
            println!("{line}");
        } else {
            println!("{}: {}, {}, {} bytes", self.out.display(), self.runtime, self.arch, layer.zip.len());
            println!("sha256 {sha256}");
        }
        Ok(())
    }
}

fn read_ca(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::config(format!("cannot read {}: {error}", path.display())))
}
