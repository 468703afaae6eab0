//! Lambda on this machine: Runtime API, real runtime clients, the jail.
