//! Labelled rows: each becomes the event that would carry it, and is inspected as one.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use gambeson_waas::{Inspector, Protection};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::score::{Score, Verdict};
use crate::failure::Failure;

#[derive(Deserialize)]
pub(super) struct Row<'a> {
    /// Kept as it is written: it goes into the event as the same JSON string, whatever it escapes.
    #[serde(borrow)]
    text: &'a RawValue,
    pub(super) class: String,
    pub(super) source: String,
    r#where: String,
    #[serde(default)]
    pub(super) tag: Option<String>,
    #[serde(default)]
    header: Option<String>,
}

pub(super) fn run(
    inspector: &Inspector,
    file: &Path,
    verdicts: Option<&Path>,
    json: bool,
) -> Result<(), Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::failed(format!("cannot read {}: {error}", file.display())))?;
    let mut score = Score::default();
    let mut out = verdicts
        .map(|path| {
            File::create(path)
                .map(BufWriter::new)
                .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
        })
        .transpose()?;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row: Row<'_> = serde_json::from_str(line)
            .map_err(|error| Failure::config(format!("{}:{}: {error}", file.display(), number + 1)))?;
        let event = event(&row)
            .map_err(|what| Failure::config(format!("{}:{}: {what}", file.display(), number + 1)))?;
        let start = Instant::now();
        let inspection = inspector.inspect(event.as_bytes());
        let us = start.elapsed().as_nanos() as f64 / 1000.0;
        let mut classes: Vec<&str> =
            inspection.findings.iter().map(|finding| label(finding.protection)).collect();
        classes.sort_unstable();
        classes.dedup();
        if let Some(out) = &mut out {
            writeln!(out, "{}", serde_json::json!({ "classes": classes, "us": us }))
                .map_err(|error| Failure::failed(format!("cannot write the verdicts: {error}")))?;
        }
        score.add(&row, &Verdict { classes, us });
    }
    if let Some(mut out) = out {
        out.flush().map_err(|error| Failure::failed(format!("cannot write the verdicts: {error}")))?;
    }
    if json {
        println!("{:#}", score.as_json());
    } else {
        print!("{score}");
    }
    Ok(())
}

/// The event that carries a row's text, or is it: raw text is a decoded query parameter.
fn event(row: &Row<'_>) -> Result<String, String> {
    let text = row.text.get();
    if row.r#where == "event" {
        return serde_json::from_str(text).map_err(|error| format!("`text` is no string: {error}"));
    }
    let fields = match row.r#where.as_str() {
        "raw" => format!(r#""queryStringParameters":{{"value":{text}}}"#),
        "query" => format!(r#""rawQueryString":{text}"#),
        "body" => {
            format!(r#""headers":{{"content-type":"application/x-www-form-urlencoded"}},"body":{text}"#)
        }
        "json" => format!(r#""headers":{{"content-type":"application/json"}},"body":{text}"#),
        "header" => {
            let name = serde_json::json!(row.header.as_deref().unwrap_or("x-header"));
            format!(r#""headers":{{{name}:{text}}}"#)
        }
        other => {
            return Err(format!("`where` is `{other}`; it may be raw, query, body, json, header or event"));
        }
    };
    Ok(format!(
        r#"{{"version":"2.0","rawPath":"/","requestContext":{{"http":{{"method":"POST"}}}},{fields}}}"#
    ))
}

fn label(protection: Protection) -> &'static str {
    match protection {
        Protection::CodeInjection => "codei",
        other => other.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_the_event_that_would_carry_it() {
        let found = |line: &str| {
            let row: Row<'_> = serde_json::from_str(line).expect("a row");
            let event = event(&row).expect("an event");
            let inspection = Inspector::default().inspect(event.as_bytes());
            inspection.findings.into_iter().map(|finding| finding.field).collect::<Vec<_>>()
        };
        let row = |place: &str, text: &str| {
            format!(r#"{{"text":{text},"class":"sqli","source":"own","where":"{place}","header":"Referer"}}"#)
        };
        assert_eq!(found(&row("raw", r#""1 or 1=1""#)), ["queryStringParameters.value"]);
        assert_eq!(found(&row("query", r#""a=b&id=1+or+1%3D1""#)), ["queryStringParameters.id"]);
        assert_eq!(found(&row("body", r#""a=b&id=1+or+1%3D1""#)), ["body.id"]);
        assert_eq!(found(&row("json", r#""{\"a\":[\"1 or 1=1\"]}""#)), ["body.a[0]"]);
        assert_eq!(found(&row("event", r#""{\"a\":[\"1 or 1=1\"]}""#)), ["a[0]"]);
        assert_eq!(found(&row("header", r#""1 or 1=1 \ud800""#)), ["header referer"]);
    }
}
