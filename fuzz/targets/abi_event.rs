//! The event walk of the C ABI: a Defender that inspects everything is given any bytes as context and event.

#![no_main]

use std::ffi::c_int;
use std::ptr;
use std::sync::Once;

use defender::abi::{self, DefenderOut, defender_begin, defender_end, defender_free, defender_start};
use gambeson_policy::{Document, EffectivePolicy, SigningKey, WaasRule, envelope};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

// Up to the first line break the context, after it the event.
fuzz_target!(|data: &[u8]| {
    static START: Once = Once::new();
    START.call_once(start);
    let (context, event) = match data.iter().position(|&byte| byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (&b"{}"[..], data),
    };
    let (verdict, out) = begin(event, context);
    match (verdict, out) {
        (abi::ALLOW, None) => {}
        (abi::PREVENT, Some(answer)) => drop(parsed(&answer)),
        (abi::REPLACED, Some(rest)) => {
            let count = |event: &Value| event["Records"].as_array().map(Vec::len).expect("a batch");
            // The shims give JSON; for anything else it is enough that nothing breaks.
            let Ok(before) = serde_json::from_slice::<Value>(event) else { return };
            assert!(count(&parsed(&rest)) < count(&before), "no record was taken out");
        }
        (verdict, out) => panic!("verdict {verdict} with {out:?}"),
    }
});

/// A Defender with every protection on prevent. What it logs is of no interest.
fn start() {
    let on = json!({ "effect": "prevent" });
    let rule: WaasRule = serde_json::from_value(json!({ "name": "all", "applicationsSpec": [
        { "sqli": on, "cmdi": on, "codeInjection": on, "xss": on, "lfi": on }
    ]}))
    .expect("a rule");
    let key = SigningKey::from_bytes([7; 32]);
    let document = Document {
        function: "fuzz".to_owned(),
        region: "none".to_owned(),
        keys: vec![key.public()],
        policy: EffectivePolicy { waas: Some(rule), runtime: None },
        ..Document::default()
    };
    let policy = envelope::seal(&document, &key).expect("a small policy");
    // SAFETY: no other thread runs yet; descriptor 1 is only written to by the Defender.
    unsafe {
        std::env::set_var("AWS_LAMBDA_FUNCTION_NAME", "fuzz");
        std::env::set_var("AWS_REGION", "none");
        std::env::set_var("TW_POLICY", policy);
        let nowhere = libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY);
        libc::dup2(nowhere, 1);
        assert_eq!(defender_start(c"fuzz".as_ptr(), c"1".as_ptr()), 0, "the Defender starts");
    }
    let (verdict, _) = ask(ptr::null(), 0, b"{}");
    assert_eq!(verdict, abi::EVENT_WANTED, "the policy inspects events");
}

fn begin(event: &[u8], context: &[u8]) -> (c_int, Option<Vec<u8>>) {
    ask(event.as_ptr(), event.len(), context)
}

fn ask(event: *const u8, length: usize, context: &[u8]) -> (c_int, Option<Vec<u8>>) {
    let mut out = DefenderOut { data: ptr::null_mut(), len: 0 };
    // SAFETY: the slices live as long as the calls; what is given out is copied, then freed.
    unsafe {
        let verdict = defender_begin(event, length, context.as_ptr(), context.len(), &mut out);
        let text = (!out.data.is_null()).then(|| std::slice::from_raw_parts(out.data, out.len).to_vec());
        defender_free(&mut out);
        defender_end(ptr::null_mut());
        (verdict, text)
    }
}

fn parsed(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(text)))
}
