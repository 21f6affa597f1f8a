//! What an administrator sees of one person, and does to the account.
