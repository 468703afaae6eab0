use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::harness::with_admin;

const LAYER: &str = "/api/v1/images/twistlock_defender_layer.zip";

#[test]
fn the_layer_comes_with_its_digest_or_the_reason_why_there_is_none() {
    let (_dir, console, token) = with_admin();
    let request = json!({"runtime": "python3.12", "provider": "aws"});
    let answer = console.send("POST", LAYER, &token, &request);
    if answer.status == 501 {
        // This test program was built without a Defender, as the Console then is.
        assert!(answer.error(501).contains("make defender"));
        return;
    }
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.body.starts_with(b"PK"));
    assert_eq!(answer.header("content-type"), "application/zip");
    assert!(answer.header("content-disposition").contains("twistlock_defender_layer.zip"));
    let digest = Sha256::digest(&answer.body);
    assert_eq!(answer.header("digest"), format!("sha-256={}", STANDARD.encode(digest)));
    let name = b"twistlock/console-ca.pem";
    assert!(answer.body.windows(name.len()).any(|part| part == name), "the layer trusts this Console");
    assert_eq!(console.send("POST", LAYER, &token, &request).body, answer.body);
}

#[test]
fn each_architecture_has_a_layer_of_its_own_or_the_reason_why_there_is_none() {
    let (_dir, console, token) = with_admin();
    let layers = ["x86_64", "arm64"].map(|architecture| {
        let request = json!({"runtime": "nodejs20.x", "provider": "aws", "architecture": architecture});
        let answer = console.send("POST", LAYER, &token, &request);
        if answer.status == 501 {
            assert!(answer.error(501).contains(architecture));
        } else {
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        answer.body
    });
    assert_ne!(layers[0], layers[1]);
}

#[test]
fn what_there_is_no_layer_for_is_named() {
    let (_dir, console, token) = with_admin();
    for (field, value) in
        [("runtime", "ruby3.3"), ("architecture", "i386"), ("provider", "azure"), ("runtime", "../python")]
    {
        let mut request = json!({"runtime": "python3.12", "provider": "aws"});
        request[field] = json!(value);
        let error = console.send("POST", LAYER, &token, &request).error(400);
        assert!(error.starts_with(field), "{error}");
    }
}
