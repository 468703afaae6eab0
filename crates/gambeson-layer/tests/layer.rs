//! The layer as its readers see it: other programs' unzip, exact entries, the same bytes each time.
//!
//! A build without a Defender can make no layer; these tests then check that it says so.

use std::io::Write;
use std::process::{Command, Stdio};

use gambeson_layer::{Architecture, Layer, LayerError, Runtime, build};

/// The layer for x86_64, or `None` if this build has no Defender.
fn layer(runtime: Runtime, console_ca: Option<&str>) -> Option<Layer> {
    layer_for(Architecture::X86_64, runtime, console_ca)
}

fn layer_for(architecture: Architecture, runtime: Runtime, console_ca: Option<&str>) -> Option<Layer> {
    match build(runtime, architecture, console_ca) {
        Ok(layer) => Some(layer),
        Err(error @ LayerError::NoDefender(_)) => {
            assert!(error.to_string().contains("make defender"), "{error}");
            eprintln!("SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn certificate() -> String {
    rcgen::generate_simple_self_signed(["console.example".to_owned()]).expect("a certificate").cert.pem()
}

/// Lines `mode time path` as Python's zipfile reads them: a reader that shares no code with the writer.
fn entries(zip: &[u8]) -> Vec<String> {
    let script = "assert archive.testzip() is None\n\
        for entry in archive.infolist():\n\
        \x20   print('%o' % (entry.external_attr >> 16), '%d-%02d-%02d' % entry.date_time[:3], entry.filename)\n";
    String::from_utf8(with_python(zip, script)).expect("text").lines().map(str::to_owned).collect()
}

/// One file of it, read in the same way.
fn member(zip: &[u8], path: &str) -> Vec<u8> {
    with_python(zip, &format!("sys.stdout.buffer.write(archive.read('{path}'))\n"))
}

fn with_python(zip: &[u8], script: &str) -> Vec<u8> {
    let open = "import io, sys, zipfile\narchive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\n";
    let mut python = Command::new("python3")
        .args(["-c", &format!("{open}{script}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    python.stdin.take().expect("piped").write_all(zip).expect("python reads it");
    let output = python.wait_with_output().expect("python ends");
    assert!(output.status.success());
    output.stdout
}

#[test]
fn python_layer_holds_what_the_contract_says() {
    let Some(layer) = layer(Runtime::Python, None) else { return };
    let expected = [
        "40755 1980-01-01 python/",
        "40755 1980-01-01 python/twistlock/",
        "40755 1980-01-01 twistlock/",
        "100644 1980-01-01 python/twistlock/__init__.py",
        "100644 1980-01-01 twistlock/LICENSES",
        "100644 1980-01-01 twistlock/libdefender.so",
    ];
    assert_eq!(entries(&layer.zip), expected);
}

#[test]
fn node_layer_holds_what_the_contract_says_and_the_ca() {
    let Some(layer) = layer(Runtime::Nodejs, Some(&certificate())) else { return };
    let expected = [
        "40755 1980-01-01 nodejs/",
        "40755 1980-01-01 nodejs/node_modules/",
        "40755 1980-01-01 nodejs/node_modules/twistlock/",
        "40755 1980-01-01 twistlock/",
        "100644 1980-01-01 nodejs/node_modules/twistlock/index.js",
        "100644 1980-01-01 nodejs/node_modules/twistlock/package.json",
        "100644 1980-01-01 twistlock/LICENSES",
        "100644 1980-01-01 twistlock/console-ca.pem",
        "100644 1980-01-01 twistlock/libdefender.so",
    ];
    assert_eq!(entries(&layer.zip), expected);
}

#[test]
fn same_inputs_give_the_same_bytes() {
    let ca = certificate();
    for runtime in [Runtime::Python, Runtime::Nodejs] {
        let Some(first) = layer(runtime, Some(&ca)) else { return };
        let second = layer(runtime, Some(&format!("# a comment\n\n{ca}"))).expect("built just now");
        assert_eq!(first.sha256, second.sha256);
        assert_eq!(first.zip, second.zip);
    }
}

#[test]
fn layer_is_small() {
    for runtime in [Runtime::Python, Runtime::Nodejs] {
        let Some(layer) = layer(runtime, None) else { return };
        assert!(layer.zip.len() <= 3 * 1024 * 1024, "{} bytes", layer.zip.len());
    }
}

#[test]
fn the_architectures_differ_in_nothing_but_the_defender() {
    // ELF's names of the machines.
    let machines = [(Architecture::X86_64, 62), (Architecture::Arm64, 183)];
    let mut listings = Vec::new();
    for (architecture, machine) in machines {
        let Some(layer) = layer_for(architecture, Runtime::Python, None) else { return };
        listings.push(entries(&layer.zip));
        let library = member(&layer.zip, "twistlock/libdefender.so");
        assert_eq!(library[..4], *b"\x7fELF");
        assert_eq!(u16::from_le_bytes([library[18], library[19]]), machine, "{architecture}");
        assert!(layer.zip.len() <= 3 * 1024 * 1024, "{} bytes", layer.zip.len());
    }
    assert_eq!(listings[0], listings[1]);
}

#[test]
fn an_architecture_without_defender_is_named() {
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        let error = LayerError::NoDefender(architecture).to_string();
        assert!(error.contains(architecture.name()) && error.contains("make defender"), "{error}");
    }
}

#[test]
fn a_ca_that_is_no_list_of_certificates_is_refused() {
    let good = certificate();
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let hostile = [
        String::new(),
        "../../etc/passwd".to_owned(),
        format!("{good}{key}"),
        good.replace("-----END CERTIFICATE-----", ""),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
        "-----BEGIN CERTIFICATE-----\n\u{0}\u{ff}\n-----END CERTIFICATE-----\n".to_owned(),
        good.repeat(400),
    ];
    for text in hostile {
        let result = build(Runtime::Python, Architecture::X86_64, Some(&text));
        assert!(
            matches!(
                result,
                Err(LayerError::CaMalformed(_) | LayerError::CaTooLong(_) | LayerError::NoDefender(_))
            ),
            "{text:.80}"
        );
    }
}
