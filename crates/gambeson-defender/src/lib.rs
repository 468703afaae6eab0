//! The Defender: enforces policy inside a function, inspects its events and reports.
