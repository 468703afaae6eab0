#![doc = include_str!("../README.md")]

mod collection;
mod document;
mod effect;
mod effective;
pub mod envelope;
mod function;
mod lists;
mod matching;
mod miners;
mod pattern;
mod runtime;
mod validate;
mod waas;
mod words;

pub use collection::Collection;
pub use document::{DEFAULT_INTERVAL_MS, Document, Proxy, Token, WrongFunction};
pub use effect::Effect;
pub use effective::EffectivePolicy;
pub use envelope::{PublicKey, SigningKey};
pub use function::FunctionId;
pub use lists::{Domains, Networks, Paths, Ports, address_bits};
pub use miners::{CRYPTO_MINERS, MINING_POOLS, MINING_PORTS, STRATUM};
pub use pattern::matches;
pub use runtime::{
    DnsRule, FilesystemRule, NetworkRule, PortRange, ProcessesRule, RuntimePolicy, RuntimeRule,
};
pub use validate::PolicyError;
pub use waas::{
    Body, CustomBlockResponse, ExceptionField, Protection, WaasApplication, WaasPolicy, WaasRule,
};
