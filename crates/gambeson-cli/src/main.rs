//! The `gambeson` command line: one module per command, each with its arguments and a `run`.

use std::process::ExitCode;

use clap::Parser;

mod commands;
mod failure;

use commands::Command;

#[derive(Parser)]
#[command(name = "gambeson", version, about = "Runtime protection for serverless functions")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
