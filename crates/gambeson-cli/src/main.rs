//! The `gambeson` command line: one module per command, each with its arguments and a `run`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

mod commands;
mod failure;

use commands::Command;

#[derive(Parser)]
#[command(
    name = "gambeson",
    version,
    about = "Runtime protection for serverless functions",
    arg_required_else_help = true
)]
struct Cli {
    /// Print the licences of everything that is linked into this program
    #[arg(long)]
    licenses: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.licenses {
        // A reader that has seen enough is no failure.
        let _ = io::stdout().write_all(include_bytes!("../LICENSES"));
        return ExitCode::SUCCESS;
    }
    let Some(command) = cli.command else {
        eprintln!("{}", Cli::command().render_help());
        return ExitCode::from(2);
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
