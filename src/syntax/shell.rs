//! Shell text to a small tree of statements.
