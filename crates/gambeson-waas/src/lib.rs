//! Inspects events for SQL injection, command injection, code injection, XSS and local file inclusion.
