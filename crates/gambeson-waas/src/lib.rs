#![doc = include_str!("../README.md")]

mod code;
mod decode;
mod event;
mod gate;
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
