//! The audit record, its message texts and its log line.
