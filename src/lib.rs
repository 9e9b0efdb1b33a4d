//! prodpath maps every step from commit to production and reports the share that is automated.

pub mod catalogue;
pub mod cli;
pub mod config;
pub mod model;
pub mod report;
pub mod scan;
pub mod source;
