//! Builds the reproducible layer ZIP.
