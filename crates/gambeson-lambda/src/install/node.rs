//! Node.js and its runtime client, both from npm.

use std::fs;
use std::path::Path;

use super::{InstallError, Installation, Runtimes, command, write_file};
use crate::Runtime;

/// The client for Node 16 and later.
const CLIENT: &str = "3.3.0";
/// The last client that runs on Node 10, 12 and 14.
const OLD_CLIENT: &str = "2.1.0";
/// The C++ wrapper of Node-API that both are written for.
const NODE_ADDON_API: &str = "6.1.0";
/// Node-API's own headers: one build of a client then runs on every Node.
const NODE_API_HEADERS: &str = "1.5.0";

pub(super) fn ensure(runtimes: &Runtimes, runtime: Runtime, major: u8) -> Result<Installation, InstallError> {
    let language = runtimes.component(&format!("node/{major}"), |to| {
        let package = format!("node-linux-{}@{major}", architecture());
        (runtimes.say)(&format!("installing Node.js {major} ({package}, npm)"));
        let unpacked = fetch(to, &package)?;
        // Only the program and the headers: npm and the manual are not part of Lambda's runtime.
        for name in ["bin", "include", "LICENSE"] {
            rename(&unpacked.join(name), &to.join(name))?;
        }
        fs::remove_dir_all(&unpacked).map_err(|error| InstallError::Cache { path: unpacked, error })
    })?;
    let version = command::run(Path::new("/"), &language.join("bin/node").to_string_lossy(), &["--version"])?;
    let client = client(runtimes, if major >= 16 { CLIENT } else { OLD_CLIENT }, &language)?;
    Ok(Installation {
        runtime,
        language,
        client,
        masked: Vec::new(),
        version: version.trim().trim_start_matches('v').to_owned(),
    })
}

/// The client's package with its native half, which is compiled here: its own build would fetch headers from elsewhere, and take minutes.
fn client(runtimes: &Runtimes, version: &str, language: &Path) -> Result<std::path::PathBuf, InstallError> {
    let client = runtimes.component(&format!("clients/nodejs-{version}"), |to| {
        command::ensure_tools(runtimes.say)?;
        let libraries = libraries(runtimes)?;
        (runtimes.say)(&format!("building aws-lambda-ric {version} (npm, g++)"));
        let package = fetch(to, &format!("aws-lambda-ric@{version}"))?;
        let wrapper = fetch(to, &format!("node-addon-api@{NODE_ADDON_API}"))?;
        let headers = fetch(to, &format!("node-api-headers@{NODE_API_HEADERS}"))?;
        let (source, module, target) = match version {
            OLD_CLIENT => {
                ("lib/RuntimeClient/runtime-client.cc", "runtime_client", "build/Release/runtime-client.node")
            }
            _ => ("src/rapid-client.cc", "rapid_client", "dist/rapid-client.node"),
        };
        let target = package.join(target);
        let parent = target.parent().unwrap_or(&package);
        fs::create_dir_all(parent).map_err(|error| InstallError::Cache { path: parent.to_owned(), error })?;
        let curl =
            command::run(to, &libraries.join("bin/curl-config").to_string_lossy(), &["--static-libs"])?;
        let mut arguments: Vec<String> = vec![
            "-shared".into(),
            "-O2".into(),
            "-fPIC".into(),
            "-fvisibility=hidden".into(),
            "-std=c++17".into(),
            "-w".into(),
            format!("-DNODE_GYP_MODULE_NAME={module}"),
            "-DBUILDING_NODE_EXTENSION".into(),
            format!("-I{}", wrapper.display()),
            format!("-I{}", headers.join("include").display()),
            format!("-I{}", language.join("include/node").display()),
            format!("-I{}", libraries.join("include").display()),
            package.join(source).display().to_string(),
            format!("-L{}", libraries.join("lib").display()),
            format!("-L{}", libraries.join("lib64").display()),
            "-laws-lambda-runtime".into(),
            "-o".into(),
            target.display().to_string(),
        ];
        arguments.extend(curl.split_whitespace().map(|flag| moved(flag, &libraries)));
        command::run(to, "g++", &arguments)?;
        for unneeded in ["deps", "src", "scripts"] {
            let _ = fs::remove_dir_all(package.join(unneeded));
        }
        for unneeded in [&wrapper, &headers] {
            let _ = fs::remove_dir_all(unneeded);
        }
        let modules = to.join("node_modules");
        fs::create_dir_all(&modules).map_err(|error| InstallError::Cache { path: modules.clone(), error })?;
        rename(&package, &modules.join("aws-lambda-ric"))
    })?;
    match version {
        OLD_CLIENT => write_file(&client.join("index.js"), include_str!("../clients/index.js"))?,
        _ => write_file(&client.join("index.mjs"), include_str!("../clients/index.mjs"))?,
    }
    Ok(client)
}

/// The static libraries that both clients are linked with (libcurl and aws-lambda-cpp), built once by the newer client's own script.
fn libraries(runtimes: &Runtimes) -> Result<std::path::PathBuf, InstallError> {
    runtimes.component(&format!("build/aws-lambda-cpp-{CLIENT}"), |to| {
        (runtimes.say)("building libcurl and aws-lambda-cpp for aws-lambda-ric (about a minute)");
        let package = fetch(to, &format!("aws-lambda-ric@{CLIENT}"))?;
        command::run(&package, "sh", &["scripts/preinstall.sh"])?;
        for name in ["bin", "include", "lib", "lib64"] {
            let from = package.join("deps/artifacts").join(name);
            if from.exists() {
                rename(&from, &to.join(name))?;
            }
        }
        fs::remove_dir_all(&package).map_err(|error| InstallError::Cache { path: package, error })
    })
}

/// curl-config names the place where the library was built; it has been moved since.
fn moved(flag: &str, libraries: &Path) -> String {
    match flag.rsplit_once("/deps/artifacts/") {
        Some((_, rest)) => libraries.join(rest).display().to_string(),
        None => flag.to_owned(),
    }
}

/// Fetches one npm package, without what it depends on and without running anything of it, and returns where it is unpacked.
fn fetch(directory: &Path, package: &str) -> Result<std::path::PathBuf, InstallError> {
    let listing = command::run(directory, "npm", &["pack", "--silent", package])?;
    let archive = listing.lines().last().unwrap_or_default().trim().to_owned();
    let to = directory.join(format!("package-{}", archive.trim_end_matches(".tgz")));
    fs::create_dir_all(&to).map_err(|error| InstallError::Cache { path: to.clone(), error })?;
    let arguments =
        ["--extract", "--gzip", "--no-same-owner", "--strip-components=1", "--file", &archive, "--directory"];
    let mut arguments: Vec<_> = arguments.map(str::to_owned).into();
    arguments.push(to.display().to_string());
    command::run(directory, "tar", &arguments)?;
    let _ = fs::remove_file(directory.join(&archive));
    Ok(to)
}

fn rename(from: &Path, to: &Path) -> Result<(), InstallError> {
    fs::rename(from, to).map_err(|error| InstallError::Cache { path: to.to_owned(), error })
}

/// As npm's packages of Node name it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "x64",
    }
}
