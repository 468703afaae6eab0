#![doc = include_str!("../README.md")]

mod app;
mod auth;
mod clock;
mod config;
mod console;
mod data_dir;
mod defender;
mod error;
mod layers;
mod policies;
mod routes;
mod secret;
mod server;
mod store;
mod tls;

pub use auth::{Role, UnfitPassword};
pub use config::{Config, Transport};
pub use console::{AddUserError, Console, OpenError, ServeError};
pub use data_dir::DataDirError;
pub use store::OpenStoreError;
pub use tls::TlsError;
