//! The commands, one a module: `Args` (clap) and `run(Args) -> Result<(), Failure>`.

use clap::Subcommand;

use crate::failure::Failure;

mod console;
mod inspect;
mod jail;
mod layer;
mod policy;
mod try_function;

/// What `gambeson` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the Console, or prepare it
    Console(console::Args),
    /// Inspect events for attacks, as the Defender would
    Inspect(inspect::Args),
    /// One step of a function's sandbox: this program starts itself with it
    #[command(name = gambeson_lambda::jail::COMMAND, hide = true)]
    Jail(jail::Args),
    /// Build the Defender's Lambda layer
    Layer(layer::Args),
    /// Encode TW_POLICY, or explain which rule applies to a function
    Policy(policy::Args),
    /// Run a function on this machine as Lambda would, with the Defender
    Try(try_function::Args),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Console(args) => console::run(args),
            Self::Inspect(args) => inspect::run(args),
            Self::Jail(args) => jail::run(args),
            Self::Layer(args) => layer::run(args),
            Self::Policy(args) => policy::run(args),
            Self::Try(args) => try_function::run(args),
        }
    }
}
