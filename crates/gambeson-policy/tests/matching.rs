//! The matcher against a slow, obvious reference.

use gambeson_policy::{Collection, FunctionId, RuntimePolicy, RuntimeRule, matches};
use proptest::prelude::*;

/// What a pattern means, as one would say it.
fn obviously_matches(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => {
            obviously_matches(rest, text) || (!text.is_empty() && obviously_matches(pattern, &text[1..]))
        }
        (Some((p, pattern)), Some((t, text))) => p == t && obviously_matches(pattern, text),
        _ => false,
    }
}

fn lower(text: &str) -> Vec<char> {
    text.to_lowercase().chars().collect()
}

fn obviously_in_list(patterns: &[String], values: &[String]) -> bool {
    let one = |pattern: &str| values.iter().any(|value| obviously_matches(&lower(pattern), &lower(value)));
    let included: Vec<&String> = patterns.iter().filter(|pattern| !pattern.starts_with('-')).collect();
    let excluded =
        patterns.iter().filter(|pattern| pattern.starts_with('-')).any(|pattern| one(&pattern[1..]));
    (included.is_empty() || included.iter().any(|pattern| one(pattern))) && !excluded
}

fn obviously_applies(rule: &RuntimeRule, function: &FunctionId<'_>) -> bool {
    let labels: Vec<String> = function
        .labels
        .iter()
        .map(|(key, value)| format!("{key}:{value}"))
        .chain([format!("region:{}", function.region)])
        .collect();
    !rule.disabled
        && (rule.collections.is_empty()
            || rule.collections.iter().any(|collection| {
                obviously_in_list(&collection.functions, &[function.name.to_owned()])
                    && obviously_in_list(&collection.labels, &labels)
                    && function.account.is_none_or(|account| {
                        obviously_in_list(&collection.account_ids, &[account.to_owned()])
                    })
            }))
}

fn pattern() -> impl Strategy<Value = String> {
    "-?[aAb*]{1,5}"
}

fn collection() -> impl Strategy<Value = Collection> {
    let patterns = || prop::collection::vec(pattern(), 0..3);
    let labels = prop::collection::vec("-?(region|a|\\*):[ab*]{1,2}", 0..3);
    (patterns(), labels, patterns()).prop_map(|(functions, labels, account_ids)| Collection {
        functions,
        labels,
        account_ids,
        ..Collection::default()
    })
}

fn rule() -> impl Strategy<Value = RuntimeRule> {
    (prop::bool::weighted(0.2), prop::collection::vec(collection(), 0..3))
        .prop_map(|(disabled, collections)| RuntimeRule { disabled, collections, ..RuntimeRule::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn a_pattern_means_what_the_reference_says(pattern in "[aAbß*]{0,8}", text in "[aAbß]{0,10}") {
        prop_assert_eq!(matches(&pattern, &text), obviously_matches(&lower(&pattern), &lower(&text)));
    }

    #[test]
    fn the_first_rule_that_applies_wins(
        rules in prop::collection::vec(rule(), 0..6),
        name in "[aAb]{1,4}",
        region in "[ab]{1,2}",
        account in prop::option::of("[ab]{1,3}"),
        label in prop::option::of("[ab]"),
    ) {
        let labels: Vec<(&str, &str)> = label.iter().map(|value| ("a", value.as_str())).collect();
        let function = FunctionId { name: &name, region: &region, account: account.as_deref(), labels: &labels };
        let policy = RuntimePolicy { rules, ..RuntimePolicy::default() };
        let expected = policy.rules.iter().position(|rule| obviously_applies(rule, &function));
        prop_assert_eq!(policy.rule_for(&function).map(|(index, _)| index), expected);
    }
}

#[test]
fn a_hostile_pattern_takes_no_time() {
    let pattern = "*a".repeat(2000);
    assert!(!matches(&pattern, &"a".repeat(1999)));
    assert!(matches(&pattern, &"a".repeat(2000)));
}

#[test]
fn case_does_not_matter_and_a_minus_excludes() {
    let collection =
        Collection { functions: vec!["Ping-*".into(), "-*-test".into()], ..Collection::default() };
    let named = |name| FunctionId { name, region: "eu-west-1", account: None, labels: &[] };
    assert_eq!(collection.mismatch(&named("ping-service")), None);
    assert!(collection.mismatch(&named("PING-TEST")).is_some());
    assert!(collection.mismatch(&named("pong")).is_some());
}
