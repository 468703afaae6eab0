//! Takes records out of a batch.

use crate::json::Tape;

/// The event without some of its `Records`, every other byte as it was, and how many are left. `None` if the event is
/// no JSON object with a list of records.
pub fn without_records(event: &[u8], unwanted: impl Fn(usize) -> bool) -> Option<(Vec<u8>, usize)> {
    let tape = Tape::read(event);
    let records = tape.member(0, "Records").filter(|&id| tape.is_document() && tape.is_array(id))?;
    let (from, to) = tape.span(records);
    let kept: Vec<&[u8]> = tape
        .children(records)
        .enumerate()
        .filter(|(index, _)| !unwanted(*index))
        .map(|(_, id)| {
            let (from, to) = tape.span_with_quotes(id);
            &event[from..to]
        })
        .collect();
    let mut out = Vec::with_capacity(event.len());
    out.extend_from_slice(&event[..=from]);
    out.extend_from_slice(&kept.join(&b','));
    out.extend_from_slice(&event[to - 1..]);
    Some((out, kept.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(event: &str, unwanted: &[usize]) -> Option<(String, usize)> {
        let (out, left) = without_records(event.as_bytes(), |index| unwanted.contains(&index))?;
        Some((String::from_utf8(out).unwrap(), left))
    }

    #[test]
    fn the_rest_of_the_event_stays_as_it_was() {
        let event = r#"{"a": 1.50, "Records": [ {"body":"[1,2]"} , "text, more", 3,{"n":[{}]}], "z": [0]}"#;
        assert_eq!(
            without(event, &[0, 2]).unwrap(),
            (r#"{"a": 1.50, "Records": ["text, more",{"n":[{}]}], "z": [0]}"#.to_owned(), 2)
        );
        assert_eq!(without(event, &[0, 1, 2, 3]).unwrap().0, r#"{"a": 1.50, "Records": [], "z": [0]}"#);
        assert_eq!(without(event, &[]).unwrap().1, 4);
    }

    #[test]
    fn what_is_no_batch_is_left_alone() {
        for event in [
            "",
            "[]",
            "{}",
            r#"{"Records":{}}"#,
            r#"{"Records":"x"}"#,
            r#"{"Records":[1,"#,
            r#"{"Records":[]"#,
        ] {
            assert_eq!(without(event, &[0]), None, "{event}");
        }
        assert_eq!(without(r#"{"Records":[]}"#, &[0]), Some((r#"{"Records":[]}"#.to_owned(), 0)));
    }
}
