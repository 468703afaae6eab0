//! The hidden command under which this program becomes a function's sandbox.

use std::ffi::OsString;

use crate::failure::Failure;

/// Which step, and what it needs.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[arg(allow_hyphen_values = true)]
    step: Vec<OsString>,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    // The step's exit code is part of what it says: no failure of a command.
    std::process::exit(i32::from(gambeson_lambda::jail::run(&args.step)));
}
