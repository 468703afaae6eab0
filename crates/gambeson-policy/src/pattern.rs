//! Patterns of names: `*` stands for any text anywhere, case does not matter, a leading `-` excludes.

/// Whether `text` matches `pattern`. Linear in practice and never worse than the product of both lengths: after a `*`
/// the earliest match of what follows is always the best one.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().flat_map(char::to_lowercase).collect();
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(character) if *character == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                None => return false,
                Some((after, from)) => {
                    p = after;
                    t = from + 1;
                    retry = Some((after, from + 1));
                }
            },
        }
    }
    pattern[p..].iter().all(|character| *character == '*')
}

/// Whether one of `values` matches a list of patterns: at least one includes, none excludes. An empty list matches all,
/// and so does a list of nothing but exclusions, apart from what they exclude.
pub(crate) fn list_matches(patterns: &[String], values: &[String]) -> bool {
    let (excluding, including): (Vec<&String>, Vec<&String>) =
        patterns.iter().partition(|p| p.starts_with('-'));
    let any = |pattern: &str| values.iter().any(|value| matches(pattern, value));
    (including.is_empty() || including.iter().any(|pattern| *pattern == "*" || any(pattern)))
        && !excluding.iter().any(|pattern| any(&pattern[1..]))
}
