//! The envelope: what is sealed comes out again, and nothing else does.

use gambeson_policy::envelope::{
    self, MAX_TW_POLICY, OpenError, SealError, open, open_trusted, seal, seal_unbounded,
};
use gambeson_policy::{Document, EffectivePolicy, FunctionId, RuntimePolicy, SigningKey, Token, WaasPolicy};
use miniz_oxide::deflate::compress_to_vec;
use serde_json::json;

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes([number; 32])
}

fn document(policy: &RuntimePolicy) -> Document {
    let function = FunctionId { name: "ping", region: "eu-west-1", account: None, labels: &[] };
    Document {
        console: vec!["https://console.example.com:8083".into()],
        function: "ping".into(),
        region: "eu-west-1".into(),
        token: Some(Token { id: "0123456789abcdef".into(), secret: "f".repeat(43) }),
        keys: vec![key(1).public()],
        revision: 7,
        issued: 1_700_000_000,
        policy: EffectivePolicy::for_function(policy, &WaasPolicy::default(), &function),
        ..Document::default()
    }
}

fn shipped() -> Document {
    document(&RuntimePolicy::default_policy())
}

#[test]
fn what_is_sealed_comes_out_again() {
    let text = seal(&shipped(), &key(1)).unwrap();
    assert_eq!(open(&text).unwrap(), shipped());
    assert_eq!(open_trusted(&text, &[key(2).public(), key(1).public()]).unwrap(), shipped());
}

#[test]
fn any_changed_character_is_noticed() {
    let text = seal(&shipped(), &key(1)).unwrap();
    for index in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // The last character may carry bits that base64 leaves unused; then it is not base64url any more.
        assert!(open(&changed).is_err(), "character {index}");
    }
}

#[test]
fn any_cut_is_noticed() {
    let text = seal(&shipped(), &key(1)).unwrap();
    for length in 0..text.len() {
        assert!(open(&text[..length]).is_err(), "length {length}");
    }
}

#[test]
fn a_key_that_is_not_known_is_refused() {
    let stranger = key(9);
    let signed_by_stranger = seal(&shipped(), &stranger).unwrap();
    assert_eq!(open(&signed_by_stranger), Err(OpenError::UnknownKey));
    assert_eq!(open_trusted(&signed_by_stranger, &[key(1).public()]), Err(OpenError::UnknownKey));
    let naming_itself = Document { keys: vec![stranger.public()], ..shipped() };
    let text = seal_unbounded(&naming_itself, &stranger).unwrap();
    assert_eq!(open_trusted(&text, &[key(1).public()]), Err(OpenError::UnknownKey));
}

#[test]
fn a_future_version_says_to_update() {
    let text = seal(&shipped(), &key(1)).unwrap();
    let future = format!("Ag{}", &text[2..]);
    assert_eq!(open(&future), Err(OpenError::FutureVersion(2)));
}

#[test]
fn a_signature_does_not_open_the_door_to_bombs_and_nonsense() {
    let signed = |json: &[u8]| {
        envelope::open_trusted(&envelope::sign(&compress_to_vec(json, 9), &key(1)), &[key(1).public()])
    };
    let unreadable = |json: &[u8]| match signed(json) {
        Err(OpenError::Unreadable(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert!(unreadable(&vec![b' '; 2 << 20]).contains("HasMoreOutput"));
    assert!(
        unreadable(&[b"{\"policy\":{\"runtime\":{\"x\":".as_slice(), &vec![b'['; 100_000]].concat())
            .contains("recursion limit")
    );
    assert!(unreadable(br#"{"revision":-1}"#).contains("-1"));
    let policy = br#"{"policy":{"runtime":{"network":{"whitelistIPs":["10.0.0.0/8","x"]}}}}"#;
    assert!(unreadable(policy).starts_with("policy.runtime.network.whitelistIPs[1]: "));
    // TW_POLICY has less room than an answer of the Console.
    let padded = [&serde_json::to_vec(&shipped()).unwrap(), &vec![b' '; 128 << 10][..]].concat();
    assert_eq!(signed(&padded).unwrap(), shipped());
    assert!(matches!(
        open(&envelope::sign(&compress_to_vec(&padded, 9), &key(1))),
        Err(OpenError::Unreadable(_))
    ));
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?} {:?}", shipped(), key(1));
    assert!(!shown.contains("fffff"), "{shown}");
}

#[test]
fn realistic_policies_fit() {
    let programs: Vec<String> = (0..40).map(|n| format!("/opt/tools/bin/program-{n}")).collect();
    let networks: Vec<String> = (0..40).map(|n| format!("10.{n}.{}.0/24", n * 7 % 256)).collect();
    let domains: Vec<String> = (0..30).map(|n| format!("service-{n}.internal.example.com")).collect();
    let policy: RuntimePolicy = serde_json::from_value(json!({ "rules": [{
        "name": "Everything that the order service needs", "notes": "x".repeat(5000),
        "collections": [{ "name": "All", "functions": ["*"] }],
        "processes": { "effect": "prevent", "whitelist": programs },
        "network": { "effect": "prevent", "whitelistIPs": networks },
        "dns": { "effect": "prevent", "whitelist": domains },
    }] }))
    .unwrap();
    let length = seal(&document(&policy), &key(1)).unwrap().len();
    assert!(length <= MAX_TW_POLICY, "{length}");
}

#[test]
fn a_policy_too_large_names_its_largest_parts() {
    let paths: Vec<String> =
        (0..2000u32).map(|n| format!("/{:08x}{:08x}", n.wrapping_mul(2_654_435_761), n)).collect();
    let policy: RuntimePolicy = serde_json::from_value(json!({ "rules": [{
        "name": "large", "filesystem": { "effect": "prevent", "whitelist": paths }
    }] }))
    .unwrap();
    let SealError::TooLong { length, limit, largest } = seal(&document(&policy), &key(1)).unwrap_err();
    assert!(length > limit);
    assert!(largest.starts_with("runtime.filesystem ("), "{largest}");
    assert!(seal_unbounded(&document(&policy), &key(1)).is_ok());
}

#[test]
fn a_document_is_for_its_function_and_region() {
    let mut document = shipped();
    document.function = "ping-*".into();
    assert!(document.applies_to("PING-service", "eu-west-1").is_ok());
    assert!(document.applies_to("pong", "eu-west-1").is_err());
    let wrong = document.applies_to("ping-x", "us-east-1").unwrap_err();
    assert!(wrong.to_string().contains("us-east-1"), "{wrong}");
}
