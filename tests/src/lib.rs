//! Holds the test binaries: `tidy` (the repository about itself) and `e2e` (real peers).
