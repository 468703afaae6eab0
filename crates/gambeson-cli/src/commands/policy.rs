//! `gambeson policy`: a `TW_POLICY` without a Console, and which rule applies to a function.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Subcommand;
use gambeson_policy::envelope::{self, SealError};
use gambeson_policy::{
    DEFAULT_INTERVAL_MS, Document, EffectivePolicy, FunctionId, RuntimePolicy, SigningKey, Token, WaasPolicy,
};
use serde::Deserialize;
use serde_json::json;

use crate::failure::Failure;

/// The arguments of `gambeson policy`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a TW_POLICY for one function and region
    #[command(
        after_help = "Example:\n  gambeson policy encode --function my-function --region eu-west-1 --policy policy.json"
    )]
    Encode(Encode),
    /// Say which rule applies to a function, and why the others do not
    #[command(
        after_help = "Example:\n  gambeson policy explain --function thumbnail-small --policy policy.json"
    )]
    Explain(Explain),
}

#[derive(clap::Args)]
struct Encode {
    /// The function's name, or a pattern with `*`
    #[arg(long)]
    function: String,
    /// The region the function runs in
    #[arg(long)]
    region: String,
    /// The account the function belongs to
    #[arg(long)]
    account: Option<String>,
    /// A file `{"runtime": <serverless runtime policy>, "waas": <serverless WAAS policy>}`; without it, the shipped policy
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The Console's address, once for each
    #[arg(long, value_name = "URL", requires = "token_file")]
    console_addr: Vec<String>,
    /// A file that holds the Defender's token, `id.secret`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file that holds the 32 bytes of the signing key; without it, a key is made that nobody keeps
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Time between two questions for the policy, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = DEFAULT_INTERVAL_MS)]
    update_interval_ms: u64,
    /// Answer with a JSON object
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Explain {
    /// The function's name; with --tw-policy, the one it was made for if left out
    #[arg(long, required_unless_present = "tw_policy")]
    function: Option<String>,
    /// The region the function runs in
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// The account the function belongs to
    #[arg(long)]
    account: Option<String>,
    /// A file with both policies, as for `encode`
    #[arg(long, value_name = "FILE", conflicts_with = "tw_policy")]
    policy: Option<PathBuf>,
    /// Explain what this TW_POLICY holds
    #[arg(long, value_name = "VALUE")]
    tw_policy: Option<String>,
    /// Answer with a JSON object
    #[arg(long)]
    json: bool,
}

/// Both policies, as they stand in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policies {
    /// The runtime policy.
    #[serde(default = "RuntimePolicy::default_policy")]
    pub(crate) runtime: RuntimePolicy,
    /// The WAAS policy.
    #[serde(default)]
    pub(crate) waas: WaasPolicy,
}

impl Policies {
    /// Reads both policies; without a file, what Gambeson ships.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self { runtime: RuntimePolicy::default_policy(), waas: WaasPolicy::default_policy() });
        };
        let shown = path.display();
        let bytes = std::fs::read(path).map_err(|error| Failure::config(format_args!("{shown}: {error}")))?;
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let policies: Self = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| Failure::config(format_args!("{shown}: {}: {}", error.path(), error.inner())))?;
        let runtime = policies.runtime.validate().map_err(|error| format!("runtime.{error}"));
        let waas = policies.waas.validate().map_err(|error| format!("waas.{error}"));
        runtime.and(waas).map_err(|error| Failure::config(format_args!("{shown}: {error}")))?;
        Ok(policies)
    }
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Encode(encode) => encode.run(),
        Command::Explain(explain) => explain.run(),
    }
}

impl Encode {
    fn run(self) -> Result<(), Failure> {
        let policies = Policies::read(self.policy.as_deref())?;
        let key = self.key()?;
        let document = self.document(&policies, &key)?;
        let text = envelope::seal(&document, &key).map_err(|error @ SealError::TooLong { .. }| {
            Failure::config(format_args!("TW_POLICY: {error}"))
        })?;
        if self.json {
            println!("{}", json!({ "data": text, "length": text.len(), "revision": document.revision }));
        } else {
            println!("{text}");
        }
        Ok(())
    }

    fn key(&self) -> Result<SigningKey, Failure> {
        if let Some(path) = &self.key_file {
            let shown = path.display();
            let bytes =
                std::fs::read(path).map_err(|error| Failure::config(format_args!("{shown}: {error}")))?;
            let bytes: [u8; 32] = bytes.try_into().map_err(|bytes: Vec<u8>| {
                Failure::config(format_args!("{shown}: a key has 32 bytes, not {}", bytes.len()))
            })?;
            return Ok(SigningKey::from_bytes(bytes));
        }
        if !self.console_addr.is_empty() {
            eprintln!(
                "gambeson: without --key-file, policies that the Console sends later will not be accepted"
            );
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(Failure::failed)?;
        Ok(SigningKey::from_bytes(bytes))
    }

    fn document(&self, policies: &Policies, key: &SigningKey) -> Result<Document, Failure> {
        let function = FunctionId {
            name: &self.function,
            region: &self.region,
            account: self.account.as_deref(),
            labels: &[],
        };
        Ok(Document {
            console: self.console_addr.clone(),
            function: self.function.clone(),
            region: self.region.clone(),
            account: self.account.clone(),
            token: self.token()?,
            keys: vec![key.public()],
            interval_ms: self.update_interval_ms,
            revision: 1,
            issued: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs()),
            policy: EffectivePolicy::for_function(&policies.runtime, &policies.waas, &function),
            ..Document::default()
        })
    }

    fn token(&self) -> Result<Option<Token>, Failure> {
        let Some(path) = &self.token_file else { return Ok(None) };
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::config(format_args!("{shown}: {error}")))?;
        let (id, secret) = text
            .trim()
            .split_once('.')
            .ok_or_else(|| Failure::config(format_args!("{shown}: a token has the form id.secret")))?;
        Ok(Some(Token { id: id.to_owned(), secret: secret.to_owned() }))
    }
}

impl Explain {
    fn run(self) -> Result<(), Failure> {
        match &self.tw_policy {
            Some(text) => self.explain_tw_policy(text),
            None => self.explain_policies(),
        }
    }

    fn explain_policies(&self) -> Result<(), Failure> {
        let policies = Policies::read(self.policy.as_deref())?;
        let name = self.function.as_deref().unwrap_or_default();
        let function =
            FunctionId { name, region: &self.region, account: self.account.as_deref(), labels: &[] };
        let runtime =
            Choice::of(policies.runtime.rules.iter().map(|rule| (&*rule.name, rule.mismatch(&function))));
        let waas = Choice::of(policies.waas.rules.iter().map(|rule| (&*rule.name, rule.mismatch(&function))));
        let effective = EffectivePolicy::for_function(&policies.runtime, &policies.waas, &function);
        if self.json {
            let document = json!({
                "function": name, "region": self.region, "runtime": runtime.json(), "waas": waas.json(),
                "effective": effective,
            });
            println!("{document}");
            return Ok(());
        }
        println!("function {name} in {}", self.region);
        println!("\nRuntime policy");
        runtime.print();
        print_sentences(&EffectivePolicy { waas: None, ..effective.clone() });
        println!("\nWAAS policy");
        waas.print();
        print_sentences(&EffectivePolicy { runtime: None, ..effective });
        Ok(())
    }

    fn explain_tw_policy(&self, text: &str) -> Result<(), Failure> {
        let document = envelope::open(text.trim())
            .map_err(|error| Failure::config(format_args!("TW_POLICY: {error}")))?;
        if let Some(name) = &self.function {
            document
                .applies_to(name, &self.region)
                .map_err(|error| Failure::config(format_args!("TW_POLICY: {error}")))?;
        }
        if self.json {
            // The token is a secret: whoever has the value has it, but it need not stand in every terminal.
            let shown = Document { token: None, ..document };
            println!("{}", serde_json::to_string(&shown).map_err(Failure::failed)?);
            return Ok(());
        }
        println!(
            "TW_POLICY for function {} in {}, revision {}",
            document.function, document.region, document.revision
        );
        match document.console.as_slice() {
            [] => println!("Console: none"),
            addresses => {
                println!("Console: {}, asked every {} s", addresses.join(", "), document.interval_ms / 1000)
            }
        }
        print_sentences(&document.policy);
        Ok(())
    }
}

/// Which rule applies, and why the ones before it do not.
struct Choice<'a> {
    passed_over: Vec<(&'a str, String)>,
    applies: Option<&'a str>,
    not_reached: Vec<&'a str>,
}

impl<'a> Choice<'a> {
    fn of(mut rules: impl Iterator<Item = (&'a str, Option<String>)>) -> Self {
        let mut passed_over = Vec::new();
        let mut applies = None;
        for (name, mismatch) in rules.by_ref() {
            match mismatch {
                Some(reason) => passed_over.push((name, reason)),
                None => {
                    applies = Some(name);
                    break;
                }
            }
        }
        Self { passed_over, applies, not_reached: rules.map(|(name, _)| name).collect() }
    }

    fn print(&self) {
        for (name, reason) in &self.passed_over {
            println!("  passed over  {name:?}: {reason}");
        }
        match self.applies {
            Some(name) => println!("  applies      {name:?}"),
            None => println!("  no rule applies: nothing is enforced"),
        }
        for name in &self.not_reached {
            println!("  not reached  {name:?}");
        }
    }

    fn json(&self) -> serde_json::Value {
        let passed_over: Vec<_> =
            self.passed_over.iter().map(|(name, reason)| json!({ "rule": name, "reason": reason })).collect();
        json!({ "applies": self.applies, "passedOver": passed_over, "notReached": self.not_reached })
    }
}

fn print_sentences(effective: &EffectivePolicy) {
    effective.in_words().iter().for_each(|sentence| println!("  {sentence}"));
}
