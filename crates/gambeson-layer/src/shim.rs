//! The shims, embedded from `runtimes/`.

use crate::runtime::Runtime;

macro_rules! embedded {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$((concat!($folder, "/", $path), include_bytes!(concat!("../../../runtimes/", $folder, "/", $path)) as &[u8])),+]
    };
}

/// The family's files: path in the ZIP, content.
pub(crate) fn files(runtime: Runtime) -> &'static [(&'static str, &'static [u8])] {
    match runtime {
        Runtime::Python => embedded!("python": "twistlock/__init__.py"),
        Runtime::Nodejs => embedded!("nodejs":
            "node_modules/twistlock/index.js",
            "node_modules/twistlock/package.json",
        ),
    }
}
