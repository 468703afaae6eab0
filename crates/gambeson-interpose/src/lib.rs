//! Takes over system calls at the places where the C library makes them.
