"""The SDK: what a plugin may use (`safe_json`, `outside`), and what its tests do (`testing`)."""
