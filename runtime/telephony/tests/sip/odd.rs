//! Odd cases, in literal SIP.
