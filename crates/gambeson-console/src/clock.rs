//! Times as the Console keeps them (milliseconds since 1970) and as the API writes them (RFC 3339).

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970.
pub(crate) type Millis = i64;

/// The time now.
pub(crate) fn now() -> Millis {
    // A clock before 1970 gives 0: everything that expires then counts as not yet expired, nothing panics.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_millis() as Millis)
}

/// `2026-01-31T12:00:00.5Z`
pub(crate) fn to_rfc3339(time: Millis) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time) * 1_000_000)
        .ok()
        .and_then(|t| t.format(&Rfc3339).ok())
        .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}

/// Reads what `to_rfc3339` writes, with any offset.
pub(crate) fn from_rfc3339(text: &str) -> Option<Millis> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Millis::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_round_trip() {
        assert_eq!(to_rfc3339(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
        assert_eq!(from_rfc3339("2023-11-14T23:13:20.123+01:00"), Some(1_700_000_000_123));
        assert_eq!(from_rfc3339("yesterday"), None);
        assert_eq!(to_rfc3339(Millis::MAX), "1970-01-01T00:00:00Z");
    }
}
