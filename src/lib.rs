//! prodpath maps every step from commit to production and reports the share that is automated.
//!
//! ```text
//! source ─▶ syntax ─▶ frontends ─▶ flow ─▶ measure, replace ─▶ report ─▶ cli
//! files     trees     Program      map     figures, findings    Report    terminal, JSON
//! ```
//!
//! [`scan::scan`] runs the whole line for one repository. Imports run one way, top to bottom of that line; `model` holds
//! the vocabulary that all of them share and `catalogue` what is known of tools and vendors, as data.

pub mod catalogue;
pub mod cli;
pub mod config;
pub mod fix;
pub mod flow;
pub mod frontends;
pub mod measure;
pub mod model;
pub mod practices;
pub mod replace;
pub mod report;
pub mod scan;
pub mod source;
pub mod syntax;
pub mod trunk;
