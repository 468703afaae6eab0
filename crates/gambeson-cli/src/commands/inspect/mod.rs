use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use gambeson_waas::{Finding, Inspection, Inspector, Protection, Protections, Settings, mask_fragment};
use serde_json::{Value, json};

use crate::failure::Failure;

mod batch;
mod score;

const EXAMPLES: &str = "Examples:
  gambeson inspect event.json
  echo '{\"id\": \"1 union select password from users\"}' | gambeson inspect -
  gambeson inspect --batch labelled.jsonl --verdicts verdicts.jsonl";

/// `gambeson inspect`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The event's JSON; `-` reads standard input
    #[arg(value_name = "EVENT", required_unless_present = "batch", conflicts_with = "batch")]
    event: Option<PathBuf>,

    /// Inspect labelled rows, one JSON object a line: {"text", "class", "source", "where"}
    #[arg(long, value_name = "FILE.jsonl")]
    batch: Option<PathBuf>,

    /// Write a verdict per row: {"classes": […], "us": n}
    #[arg(long, value_name = "OUT", requires = "batch")]
    verdicts: Option<PathBuf>,

    /// The protections to use
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "LIST",
        default_value = "sqli,cmdi,code-injection,xss,lfi"
    )]
    protections: Vec<Choice>,

    /// Show secrets as they are, where a finding stands in one
    #[arg(long)]
    show_secrets: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Choice {
    Sqli,
    Cmdi,
    #[value(alias = "codeInjection", alias = "codei")]
    CodeInjection,
    Xss,
    Lfi,
}

impl Choice {
    fn protection(self) -> Protection {
        match self {
            Self::Sqli => Protection::Sqli,
            Self::Cmdi => Protection::Cmdi,
            Self::CodeInjection => Protection::CodeInjection,
            Self::Xss => Protection::Xss,
            Self::Lfi => Protection::Lfi,
        }
    }
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let protections: Protections = args.protections.iter().map(|choice| choice.protection()).collect();
    let inspector = Inspector::new(Settings { protections, ..Settings::default() });
    if let Some(file) = &args.batch {
        return batch::run(&inspector, file, args.verdicts.as_deref(), args.json);
    }
    let event = read(args.event.as_deref().unwrap_or(Path::new("-")))?;
    let inspection = inspector.inspect(&event);
    if args.json {
        println!("{:#}", as_json(&inspection, args.show_secrets));
    } else {
        print(&inspection, args.show_secrets);
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        let mut text = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut text);
        return read
            .map(|_| text)
            .map_err(|error| Failure::failed(format!("cannot read standard input: {error}")));
    }
    fs::read(path).map_err(|error| Failure::failed(format!("cannot read {}: {error}", path.display())))
}

fn as_json(inspection: &Inspection, show_secrets: bool) -> Value {
    let findings: Vec<Value> = inspection
        .findings
        .iter()
        .map(|finding| {
            json!({
                "protection": finding.protection.name(),
                "field": finding.field,
                "fragment": shown(finding, finding.fragment(), show_secrets),
                "reason": finding.reason,
                "score": finding.score,
                "record": finding.record,
                "owasp": finding.protection.owasp(),
                "technique": finding.protection.technique().to_string(),
            })
        })
        .collect();
    json!({
        "source": format!("{:?}", inspection.source),
        "findings": findings,
        "uninspectedBytes": inspection.uninspected_bytes,
    })
}

fn print(inspection: &Inspection, show_secrets: bool) {
    println!("source: {}", inspection.source);
    if inspection.findings.is_empty() {
        println!("nothing that looks like an attack");
    }
    for finding in &inspection.findings {
        println!("\n{}  {}  (score {})", finding.protection, finding.field, finding.score);
        println!("  {}", finding.reason);
        let (before, rest) = finding.value.split_at(finding.span.0);
        let (matched, after) = rest.split_at(finding.span.1 - finding.span.0);
        if mask_fragment(&finding.field, &finding.value) != finding.value && !show_secrets {
            println!("  {}", mask_fragment(&finding.field, &finding.value));
            continue;
        }
        let (before, matched, after) =
            (tail(&one_line(before), 60), one_line(matched), head(&one_line(after), 60));
        println!("  {before}{matched}{after}");
        println!("  {}{}", " ".repeat(before.chars().count()), "^".repeat(matched.chars().count().max(1)));
    }
    if inspection.uninspected_bytes > 0 {
        println!("\n{} bytes were not inspected (limits)", inspection.uninspected_bytes);
    }
}

fn shown(finding: &Finding, text: &str, show_secrets: bool) -> String {
    if show_secrets { text.to_owned() } else { mask_fragment(&finding.field, text) }
}

/// Control characters would move the underlining, or do worse things to a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

fn tail(text: &str, chars: usize) -> String {
    let skip = text.chars().count().saturating_sub(chars);
    text.chars().skip(skip).collect()
}

fn head(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
