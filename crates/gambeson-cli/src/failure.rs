//! How a command ends when it does not succeed: a sentence for the person, a code for the script.

use std::fmt;
use std::process::ExitCode;

/// A command's failure. The sentence says what was wrong, where, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// The command understood its input and could not do the work: exit code 1.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// The arguments contradict each other or name nothing: exit code 2, as clap uses for its own.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// A file or value that the user wrote is malformed: `EX_CONFIG` of sysexits, 78.
    pub(crate) fn config(message: impl fmt::Display) -> Self {
        Self { code: 78, message: message.to_string() }
    }

    /// Prints the sentence to standard error and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        eprintln!("gambeson: {}", self.message);
        ExitCode::from(self.code)
    }
}
