//! Organizations and their members.
