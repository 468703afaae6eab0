//! Inspects events for SQL injection, command injection, code injection, XSS and local file inclusion.
//!
//! An event goes through five steps: it is recognised by its shape and split into fields (`event`), each field's
//! value is decoded in the ways an attacker may have encoded it (`decode`), a gate drops what cannot be an attack,
//! a recogniser per protection reads the value as its language would, and what scores enough becomes a [`Finding`].
//! There is no I/O and no clock here.

mod code;
mod decode;
mod event;
mod html;
mod inspector;
mod json;
mod mask;
mod path;
mod records;
mod request;
mod settings;
mod shell;
mod sql;
mod text;

pub use event::EventSource;
pub use inspector::{Finding, Inspection, Inspector};
pub use mask::{is_secret_name, mask_event, mask_fragment};
pub use records::without_records;
pub use request::Request;
pub use settings::{Exception, InvalidPattern, Location, Protection, Protections, Settings, Technique};
