//! Which function a policy is asked for.

/// One function, as far as collections tell functions apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionId<'a> {
    /// The function's name, without version or alias.
    pub name: &'a str,
    /// The region it runs in, such as `eu-west-1`.
    pub region: &'a str,
    /// The account, if it is known.
    pub account: Option<&'a str>,
    /// Tags, as `KEY`, `VALUE`.
    pub labels: &'a [(&'a str, &'a str)],
}
