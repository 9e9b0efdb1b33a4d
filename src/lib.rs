//! prodpath maps every step from commit to production and reports the share that is automated.

pub mod catalogue;
pub mod frontends;
pub mod model;
pub mod source;
pub mod syntax;
