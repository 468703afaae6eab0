//! The sandbox alone, for this crate's tests: `gambeson` has the same under the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(2).collect();
    ExitCode::from(gambeson_lambda::jail::run(&arguments))
}
