//! Finds the Defender for each architecture, so that the `gambeson` binary carries it.
//!
//! `$GAMBESON_DEFENDER_DIR/<arch>/libdefender.so` if that is set, else `target/defender/<arch>/libdefender.so`. A Defender
//! that is not there is no error here: the crate builds, and building a layer says what is missing.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-env-changed=GAMBESON_DEFENDER_DIR");
    println!("cargo::rerun-if-changed=build.rs");
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the crate's folder"));
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the output folder"));
    let defenders = env::var_os("GAMBESON_DEFENDER_DIR")
        .map_or_else(|| crate_dir.join("../../target/defender"), PathBuf::from);
    // Everything in it; while it is missing, cargo runs this every time.
    println!("cargo::rerun-if-changed={}", defenders.display());

    let mut source = String::new();
    for architecture in ["x86_64", "arm64"] {
        let found = defenders.join(architecture).join("libdefender.so");
        let name = architecture.to_uppercase();
        let value = match embed(&found, &out_dir, architecture) {
            Some(copy) => format!("Some(include_bytes!({:?}))", copy.display().to_string()),
            None => "None".to_owned(),
        };
        writeln!(source, "pub(crate) const {name}: Option<&[u8]> = {value};")
            .expect("a string takes all text");
    }
    fs::write(out_dir.join("defenders.rs"), source).expect("the output folder is writable");
}

/// Copies the Defender, so that a later build of it cannot change what this build was made from.
fn embed(found: &Path, out_dir: &Path, architecture: &str) -> Option<PathBuf> {
    let bytes = fs::read(found).ok()?;
    assert!(bytes.starts_with(b"\x7fELF"), "{} is no shared object", found.display());
    let copy = out_dir.join(format!("libdefender-{architecture}.so"));
    fs::write(&copy, bytes).expect("the output folder is writable");
    Some(copy)
}
