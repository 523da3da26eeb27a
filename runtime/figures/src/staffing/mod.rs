//! How many agents a load needs: Erlang B, C, A, X, back-office, chat, shrinkage.
