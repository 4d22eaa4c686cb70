//! Real programs that are measured; each is run by CI.
