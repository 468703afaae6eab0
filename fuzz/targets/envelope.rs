//! `TW_POLICY`: any text, and any document behind a right signature, so that the parser is reached too.

#![no_main]

use gambeson_policy::envelope;
use gambeson_policy::{Document, SigningKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = envelope::open(text);
    }
    let key = SigningKey::from_bytes([1; 32]);
    let keys = [key.public()];
    // As it stands: a signed stream that may not be deflate; compressed: a signed stream that may not be a document.
    let _ = envelope::open_trusted(&envelope::sign(bytes, &key), &keys);
    let compressed = miniz_oxide::deflate::compress_to_vec(bytes, 1);
    let Ok(document) = envelope::open_trusted(&envelope::sign(&compressed, &key), &keys) else { return };
    let _ = document.applies_to("ping", "eu-west-1");
    // Numbers beyond what JSON holds aside, what was opened can be sealed and opened again.
    if let Ok(text) = envelope::seal_unbounded(&document, &key) {
        let again: Document = envelope::open_trusted(&text, &keys).expect("opens what it sealed");
        assert_eq!(again, document);
    }
});
